import { jsonb } from "../../spec/model/jsonb.ts";
import { instantOf } from "../protocol/time.ts";
import { type Asked, failureOf, namesOf, type Outcome, Tally } from "./family.ts";
import type { PayloadVector } from "./files.ts";
import { jobOf } from "./unique.ts";

/** Makes the call and hears what listeners are told. Payloads are compared as JSON: their spaces and the order of members are free. */
export async function askPayloads(
  { adapter, scope }: Asked,
  vectors: readonly PayloadVector[],
): Promise<Outcome> {
  const tally = new Tally("notifications");
  for (const { call, insert, sent } of vectors) {
    if (insert === undefined) {
      tally.leave("no insertion sends it");
      continue;
    }
    await adapter.reset();
    // What was told before this call is of no interest.
    const before = (await adapter.observe()).notifications;
    if (!scope.can("insert.notify") || before === null) {
      tally.leave("nothing can be heard");
      continue;
    }
    const jobs = insert.jobs.map((job, at) => jobOf(job, at + 1));
    const reply = await adapter.run(
      { op: "insert", now: instantOf(insert.now) ?? 0, jobs },
      namesOf([]),
    );
    const heard = (await adapter.observe()).notifications ?? [];
    const is =
      reply.op === "insert"
        ? textOf(heard.map(({ channel, payload }) => [`river_${channel}`, payload]))
        : failureOf(reply);
    tally.compare("INS-29", `${call} ${JSON.stringify(insert)}`, textOf(sent), is);
  }
  return tally.outcome();
}

const textOf = (sent: PayloadVector["sent"]): string =>
  sent.length === 0
    ? "nothing"
    : sent
        .map(([channel, payload]) => `${channel} ${jsonb(payload) ?? payload}`)
        .sort()
        .join(", ");
