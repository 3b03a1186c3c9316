import { refuse } from "./validate.ts";

/** For tests that need to know the next retry. */
export interface JitterOptions {
  /** The jitter of the default retry policy, from −1 to 1; null or absent means random. */
  readonly jitter?: number | null;
}

/** The jitter as a parameter. Throws `invalid` where it is out of range. */
export function checkJitter({ jitter = null }: JitterOptions): number | null {
  if (jitter !== null && !(jitter >= -1 && jitter <= 1))
    refuse("jitter", "be from -1 to 1", jitter);
  return jitter;
}
