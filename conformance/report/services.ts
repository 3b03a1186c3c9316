import type { Leader, Queue, State } from "../../spec/model/state.ts";

/** The rows of queues and of the leader. */
export type Services = Readonly<{ queues: ReadonlyMap<string, Queue>; leader: Leader | null }>;

const LEADER = "leader";

/** What stories show beside jobs and keys: `queue default` for each queue, and `leader` where somebody ever led. */
export function serviceNames(seen: readonly Services[]): readonly string[] {
  const queues = new Set(seen.flatMap(({ queues }) => [...queues.keys()]));
  const leads = seen.some(({ leader }) => leader !== null);
  return [...[...queues].sort().map((name) => `queue ${name}`), ...(leads ? [LEADER] : [])];
}

/** The cells of those names after a step; a queue without a row has none. */
export function serviceCells(
  { queues, leader }: Services,
  before: Services,
): ReadonlyMap<string, string> {
  const cells = [...queues.values()].map(
    ({ name, pausedAt }) =>
      [`queue ${name}`, pausedAt === null ? "▷ working" : "‖ paused"] as const,
  );
  const gone = [...before.queues.keys()].filter((name) => !queues.has(name));
  return new Map([
    ...cells,
    ...gone.map((name) => [`queue ${name}`, "gone"] as const),
    [LEADER, leader === null ? "☆ nobody" : `★ ${leader.leaderId}`] as const,
  ]);
}

/** A cell without its glyph. */
export const withoutGlyph = (cell: string): string => cell.replace(/^[▷‖☆★] /u, "");

/** The model's rows. */
export const servicesIn = ({ queues, leader }: State): Services => ({ queues, leader });
