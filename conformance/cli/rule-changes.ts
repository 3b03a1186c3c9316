import { readFileSync } from "node:fs";
import { type Change, changesIn } from "../explain/version.ts";

const EDITIONS = "spec/model/edition.ts";

/** The changes of River's rules with these switches, as `edition.ts` tells them; all of them where none is named. */
export function ruleChanges(switches?: readonly string[]): readonly Change[] {
  const text = readFileSync(new URL(`../../${EDITIONS}`, import.meta.url), "utf8");
  return changesIn(new Map([[EDITIONS, text]])).filter(
    ({ name }) => switches === undefined || switches.includes(name),
  );
}
