import { type Micros, readEpoch } from "./time.ts";
import { checkText, refuse } from "./validate.ts";

/** A client's term: with `leaderId`, `electedAt` names it. */
export interface Leader {
  readonly leaderId: string;
  readonly electedAt: Micros;
  /** The last instant at which it can be re-elected. */
  readonly expiresAt: Micros;
}

/** What a statement returns of the leader, as text. */
export interface LeaderRow {
  readonly leader_id: string;
  readonly elected_at: string;
  readonly expires_at: string;
}

/** Reads the row, if there is one. */
export const toLeader = ([row]: readonly LeaderRow[]): Leader | null =>
  row === undefined
    ? null
    : {
        leaderId: row.leader_id,
        electedAt: readEpoch(row.elected_at),
        expiresAt: readEpoch(row.expires_at),
      };

const LONGEST_LEASE = 3_155_760_000_000_000n; // a hundred years

/** Refuses what no client can lead with. */
export function checkTerm(client: string, lease: Micros): void {
  checkText(client, "client");
  const { length } = [...client];
  if (length < 1 || length > 127) refuse("client", "have 1 to 127 characters", client);
  if (typeof lease !== "bigint" || lease < 1n || lease > LONGEST_LEASE) {
    refuse("lease", "be from one microsecond to a hundred years, in microseconds", lease);
  }
}
