/** A table of River's main line: the versions it lives in, and its columns with Postgres's names of their types. */
export interface TableShape {
  readonly name: string;
  /** The version that makes it. */
  readonly since: number;
  /** The version that drops it; null means none does. */
  readonly until: number | null;
  /** Whether the queue reads or writes it, so that it cannot do without. */
  readonly needed: boolean;
  readonly columns: readonly ColumnShape[];
}

/** A column: its name, its type as `format_type` writes it, and the version that adds it. */
export type ColumnShape = readonly [name: string, type: string, since: number];

/** What River's tables look like by version, except `river_migration`, whose own columns tell its age. */
export const tableShapes: readonly TableShape[] = [
  {
    name: "river_job",
    since: 2,
    until: null,
    needed: true,
    columns: [
      ["id", "bigint", 2],
      ["state", "river_job_state", 2],
      ["attempt", "smallint", 2],
      ["max_attempts", "smallint", 2],
      ["attempted_at", "timestamp with time zone", 2],
      ["created_at", "timestamp with time zone", 2],
      ["finalized_at", "timestamp with time zone", 2],
      ["scheduled_at", "timestamp with time zone", 2],
      ["priority", "smallint", 2],
      ["args", "jsonb", 2],
      ["attempted_by", "text[]", 2],
      ["errors", "jsonb[]", 2],
      ["kind", "text", 2],
      ["metadata", "jsonb", 2],
      ["queue", "text", 2],
      ["tags", "character varying(255)[]", 2],
      ["unique_key", "bytea", 5],
      ["unique_states", "bit(8)", 6],
    ],
  },
  {
    name: "river_leader",
    since: 2,
    until: null,
    needed: true,
    columns: [
      ["elected_at", "timestamp with time zone", 2],
      ["expires_at", "timestamp with time zone", 2],
      ["leader_id", "text", 2],
      ["name", "text", 2],
    ],
  },
  {
    name: "river_queue",
    since: 4,
    until: null,
    needed: true,
    columns: [
      ["name", "text", 4],
      ["created_at", "timestamp with time zone", 4],
      ["metadata", "jsonb", 4],
      ["paused_at", "timestamp with time zone", 4],
      ["updated_at", "timestamp with time zone", 4],
    ],
  },
  { name: "river_client", since: 5, until: 7, needed: false, columns: [["id", "text", 5]] },
  {
    name: "river_client_queue",
    since: 5,
    until: 7,
    needed: false,
    columns: [["river_client_id", "text", 5]],
  },
  {
    name: "river_notification",
    since: 7,
    until: null,
    needed: false,
    columns: [
      ["id", "bigint", 7],
      ["created_at", "timestamp with time zone", 7],
      ["payload", "text", 7],
      ["topic", "text", 7],
    ],
  },
];

/** River's eight job states; `pending` comes with version 4, all others with version 2. */
export const stateLabels = [
  "available",
  "cancelled",
  "completed",
  "discarded",
  "pending",
  "retryable",
  "running",
  "scheduled",
] as const;
