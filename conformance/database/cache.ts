import { homedir } from "node:os";
import { join } from "node:path";

/** Where to keep what is slow to make and can be made again: `$WEIR_CACHE`, else `~/.cache/weir`. It may not exist yet. */
export function cacheFolder(): string {
  return process.env.WEIR_CACHE ?? join(homedir(), ".cache", "weir");
}
