import type { Db } from "../../src/db.ts";
import { clean } from "../../src/ops/clean.ts";
import { cleanQueues } from "../../src/ops/clean-queues.ts";
import { rescue } from "../../src/ops/rescue.ts";
import type { Micros } from "../../src/time.ts";
import type { Params, Result } from "../protocol/messages.ts";

/** The workers that every adapter has, as far as they have a timeout of their own. */
const TIMEOUTS = { weir_1h: 3_600_000_000n, weir_never: -1n };

type Handlers = Readonly<{
  [M in "rescue" | "clean" | "clean_queues"]: (params: Params<M>) => Promise<Result<M>>;
}>;

/** The methods of the reference's maintenance services; `micros` reads an instant of the protocol. */
export const maintenanceHandlers = (db: Db, micros: (timestamp: string) => Micros): Handlers => ({
  async rescue({ now, after_us, timeout_us, limit }) {
    const [after, timeout] = [BigInt(after_us), BigInt(timeout_us)];
    const stuck = { after, timeout, timeouts: TIMEOUTS, limit };
    let count = 0;
    for (let batch = limit; batch >= limit; count += batch)
      batch = await rescue(db, micros(now), stuck);
    return { count };
  },
  async clean({ now, cancelled_us, completed_us, discarded_us, limit }) {
    const kept = {
      cancelled: BigInt(cancelled_us),
      completed: BigInt(completed_us),
      discarded: BigInt(discarded_us),
    };
    return { count: await clean(db, micros(now), { ...kept, limit }) };
  },
  clean_queues: async ({ now, after_us, limit }) => ({
    count: await cleanQueues(db, micros(now), { after: BigInt(after_us), limit }),
  }),
});
