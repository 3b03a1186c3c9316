import type { Participant, Peer } from "./participants.ts";
import type { Line } from "./table.ts";

/** What one of those measured needed, round by round, less being better. */
export type Rounds = Readonly<{ name: string; rounds: readonly number[] }>;

/** Rounds of all in turn, so that a busy moment of the machine falls on all of them; none of those that are missing. */
export async function interleaved<Of extends Readonly<{ name: string }>>(
  rounds: number,
  all: readonly Of[],
  run: (one: Of) => Promise<number>,
): Promise<readonly Rounds[]> {
  const found = all.map((one) => ({ one, name: one.name, rounds: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { one, rounds: of } of found) if (!("missing" in one)) of.push(await run(one));
  }
  return found;
}

/** The peers that are here. */
export const present = (peers: readonly Peer[]): readonly Participant[] =>
  peers.filter((peer): peer is Participant => !("missing" in peer));

/** A line for each peer that is missing, saying why. */
export const absent = (what: string, peers: readonly Peer[]): readonly Line[] =>
  peers.flatMap((peer) =>
    "missing" in peer ? [{ what, weir: "", other: `${peer.name} skipped: ${peer.missing}` }] : [],
  );
