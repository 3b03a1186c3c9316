import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import type { Support } from "../adapter.ts";

/** What an implementation must be able to do before a rule can be checked on it. */
const NEEDS: Partial<Record<RuleId, readonly string[]>> = {
  "INS-2": ["insert.pending"],
  "INS-9": ["insert.unique"],
  "INS-10": ["insert.unique"],
  "INS-11": ["insert.unique"],
  "INS-12": ["insert.unique"],
  "INS-13": ["insert.unique"],
  "INS-14": ["insert.unique"],
  "INS-15": ["insert.unique"],
  "INS-16": ["insert.unique", "insert.batch"],
  "INS-17": ["insert.batch"],
  "INS-19": ["insert.tags"],
  "INS-21": ["insert.unique", "insert.subseconds"],
  "INS-22": ["insert.unique"],
  "INS-23": ["insert.unique"],
  "INS-24": ["insert.unique"],
  "INS-27": ["insert.metadata"],
  "INS-29": ["insert.notify"],
  "INS-30": ["insert.notify"],
  "FIN-4": ["finish.error"],
  "FIN-5": ["finish.discard"],
  "FIN-6": ["finish.cancel"],
  "FIN-7": ["finish.snooze"],
  "FIN-8": ["finish.snooze"],
  "FIN-9": ["finish.snooze"],
  "FIN-10": ["finish.snooze"],
  "FIN-11": ["finish.interrupt"],
  "FIN-12": ["insert.metadata"],
  "FIN-14": ["finish.metadata"],
  "FIN-15": ["finish.late"],
  "FIN-16": ["finish.late"],
  "FIN-17": ["finish.snooze"],
  "FIN-18": ["finish.late"],
  "FIN-19": ["finish.metadata"],
  "FIN-20": ["finish.retry_policy"],
  "FIN-21": ["finish.past"],
  "DEL-4": ["delete_many"],
  "DEL-5": ["delete_many", "fetch"],
  "DEL-6": ["delete_many"],
  "DEL-7": ["delete_many"],
  "DEL-8": ["delete_many"],
  "CAN-2": ["fetch"],
  "CAN-5": ["cancel.notify"],
  "CAN-7": ["finish.error", "insert.unique"],
  "RET-3": ["fetch"],
  "RET-5": ["finish"],
  "RET-6": ["cancel"],
  "DEL-9": ["finish.late"],
  "LST-1": ["get"],
  "LST-2": ["get"],
  "LST-4": ["list.tags"],
  "LST-5": ["list.tags"],
  "LST-14": ["list.cursor"],
  "INV-14": ["list"],
  "SCH-2": ["schedule.limit"],
  "SCH-4": ["insert.unique"],
  "SCH-5": ["insert.unique"],
  "SCH-9": ["insert.unique"],
  "SCH-10": ["schedule.notify"],
  "RSC-11": ["rescue.unknown_kind"],
  "RSC-12": ["rescue.any_mark"],
  "CLN-4": ["clean.limit"],
  "CLN-3": ["clean.keep"],
  "PER-7": ["enqueue_periodic.once"],
  "PER-8": ["enqueue_periodic.rivals"],
  "PER-9": ["enqueue_periodic.period"],
  "CLN-5": ["clean_queues", "queue"],
  "CLN-6": ["clean_queues", "queue"],
  "CLN-7": ["clean_queues.paused", "queue"],
  "INV-1": ["insert.unique"],
  "INV-2": ["schedule", "insert.unique"],
  "INV-3": ["finish"],
  "INV-7": ["fetch"],
  "INV-8": ["cancel"],
  "INV-11": ["schedule"],
  "PAU-10": ["queue_pause.notify"],
  "PAU-11": ["queue.update"],
  "PAU-12": ["queue.update"],
  "PAU-13": ["queue.update"],
  "LDR-9": ["leader.request_resign"],
  "INV-15": ["leader"],
};

/** Only what was fetched can be finished or rescued. */
const CHAPTERS: Readonly<Record<string, readonly string[]>> = {
  FET: ["fetch"],
  FIN: ["fetch", "finish"],
  SCH: ["schedule"],
  INS: ["insert"],
  CAN: ["cancel"],
  RET: ["retry"],
  DEL: ["delete"],
  UPD: ["update"],
  LST: ["list"],
  RSC: ["fetch", "rescue"],
  CLN: ["clean"],
  PER: ["enqueue_periodic"],
  PAU: ["queue"],
  LDR: ["leader"],
};

/** Why a rule cannot be checked on an implementation, in the words of a report. */
export type Absence = Readonly<{
  verdict: "by design" | "not in that version" | "skipped";
  why: string;
}>;

/** Why a rule cannot be checked here; null where it can. A rule that can, and never fired, leaves a run undecided. */
export function absenceOf(
  rule: RuleId,
  edition: string,
  capabilities: Readonly<Record<string, Support>>,
): Absence | null {
  const { since } = RULES[rule];
  if (since !== null && isBefore(edition, since)) {
    return { verdict: "not in that version", why: `the rule is of ${since}` };
  }
  const needs = [...(CHAPTERS[rule.slice(0, 3)] ?? []), ...(NEEDS[rule] ?? [])];
  const missing = needs
    .map((need) => capabilities[need] ?? "supported")
    .filter((support) => support !== "supported");
  const later = missing.find((each) => "since" in each && each.since !== undefined);
  const lacking = later ?? missing.find((each) => "unsupported" in each) ?? missing[0];
  if (lacking === undefined) return null;
  if ("divergent" in lacking) return { verdict: "by design", why: lacking.why };
  const verdict = later === undefined ? "skipped" : "not in that version";
  return { verdict, why: lacking.unsupported };
}

const isBefore = (edition: string, since: string): boolean => minorOf(edition) < minorOf(since);

const minorOf = (name: string): number => Number(name.slice(2));
