import { z } from "zod";

const none = z.strictObject({});

/** The methods of a live client: one that works jobs by itself, in real time, until it is stopped or its process is killed. */
export const LIVE_METHODS = {
  start: {
    params: z.strictObject({
      /** Its name in `attempted_by`. */
      client: z.string(),
      queues: z.array(z.strictObject({ queue: z.string(), max_workers: z.int().min(1) })),
      /** The client's own, for workers that have none. */
      timeout_us: z.int().min(1),
      /** How long an attempt may run before the client, where it leads, rescues it. */
      rescue_after_us: z.int().min(1),
    }),
    result: none,
  },
  /** Answered when nothing runs any more and every result is written; `hard` fires the signals of what runs and waits for none that does not hear. */
  stop: { params: z.strictObject({ hard: z.boolean() }), result: none },
} as const;
