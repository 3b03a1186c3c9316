import type { RuleId } from "../../spec/rules.generated.ts";
import type { ClockLevel } from "../adapter.ts";
import type { BrokenClaim } from "../adapters/claims.ts";
import type { Rung } from "../adapters/ladder.ts";
import type { Look } from "../report/finding.ts";
import { wrap } from "../report/screen.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import type { Smoke } from "./smoke.ts";
import { count, print, WEIR } from "./terminal.ts";

const WIDTH = 86;
const RUNGS = 5;
const CLAIMS = 6;

const CLOCKS: Readonly<Record<ClockLevel, string>> = {
  virtual: "virtual: Weir is the clock.",
  injected: "injected: it takes the time from `now`, so nothing is waited for.",
  database:
    "database: its SQL sees Weir's time, and what it reads from a clock of its own is rewritten afterwards. `now` on every method would be injected.",
  real: "real: Weir does not wait, so instants cannot be compared. Take the time from `now` and say injected, or leave it to the database's now() and say database.",
};

/** Prints what a first look at an adapter showed. */
export function tellSmoke(name: string, seen: Smoke, look: Look, exit: ExitCode): void {
  const { about, broken, ended } = seen;
  const { adapter, version, language } = about;
  const dot = look.ascii ? "-" : "·";
  print("");
  print(
    `  ${adapter} ${version} (${language}) ${dot} protocol 1 ${dot} handshake ${count(seen.handshakeMs)} ms ${dot} reset ${count(seen.resetMs)} ms`,
    "",
  );
  const wholes = seen.have.filter((claim) => !claim.includes("."));
  block("have", `${wholes.join(", ")}: ${seen.rules} of ${seen.inForce} rules can be checked`);
  seen.ladder.slice(0, RUNGS).forEach((rung, index) => {
    block(index === 0 ? "next" : "", textOf(rung, look));
  });
  const more = seen.ladder.slice(RUNGS);
  if (more.length > 0) {
    const rules = more.reduce((sum, rung) => sum + rung.rules.length, 0);
    block("", `${more.length} more steps, ${rules} more rules: --json lists them`);
  }
  block("time", CLOCKS[about.clock]);
  print("");
  const mark = look.ascii ? "broken" : "✗";
  const lines = reasons(broken);
  for (const line of lines.slice(0, CLAIMS)) block(look.paint.red(mark), line, mark.length);
  if (lines.length > CLAIMS) block("", `${lines.length - CLAIMS} more: --json lists them`);
  if (ended !== null) {
    block(look.paint.red(mark), `${ended}. What it claims was not tried to the end.`, mark.length);
  }
  if (exit === EXIT.pass) {
    // Not broken into lines: it is there to be copied.
    print(`  try    ${WEIR} check --adapter ${quoted(name)} --time 30s`);
    print("  exit 0: every claim is kept");
  } else {
    const claims = broken.length === 1 ? "1 claim is" : `${count(broken.length)} claims are`;
    print(`  exit 4: ${ended === null ? `${claims} not kept` : "the adapter failed"}`);
  }
}

function block(label: string, text: string, width = label.length): void {
  const [first = "", ...rest] = wrap(text, WIDTH - 9);
  print(`  ${label}${" ".repeat(Math.max(1, 7 - width))}${first}`);
  print(...rest.map((line) => `         ${line}`));
}

function textOf({ claims, methods, rules }: Rung, look: Look): string {
  const work =
    methods.length === 0
      ? "an option"
      : methods.length === 1
        ? "1 method"
        : `${methods.length} methods`;
  const gain = `+${rules.length} ${rules.length === 1 ? "rule" : "rules"}`;
  return `${claims.join(", ").padEnd(28)} ${work.padEnd(10)} ${gain.padStart(9)}  ${look.paint.cyan(ruleList(rules, look))}`;
}

/** One line for each reason, as a whole that is missing takes its parts with it. */
function reasons(broken: readonly BrokenClaim[]): readonly string[] {
  const claimsOf = new Map<string, string[]>();
  for (const { claim, why } of broken) {
    claimsOf.set(why, [...(claimsOf.get(why) ?? []), claim]);
  }
  return [...claimsOf].map(([why, [claim = "", ...others]]) => {
    const and = others.length === 0 ? "" : ` (so with ${others.join(", ")})`;
    return `claims ${claim}, but ${why}${and}`;
  });
}

/** `SCH-1…6, INV-1, 2`: a chapter is named once, and a run of numbers by its ends. */
export function ruleList(rules: readonly RuleId[], look: Pick<Look, "ascii">): string {
  const parts: string[] = [];
  let chapter = "";
  for (let i = 0; i < rules.length; i++) {
    const [name = "", first = ""] = (rules[i] ?? "").split("-");
    let last = Number(first);
    while (rules[i + 1] === `${name}-${last + 1}`) {
      last += 1;
      i += 1;
    }
    const to = look.ascii ? ".." : "…";
    const run = last === Number(first) ? first : `${first}${to}${last}`;
    parts.push(name === chapter ? run : `${name}-${run}`);
    chapter = name;
  }
  return parts.join(", ");
}

const quoted = (name: string): string => (/^[\w@.:/-]+$/.test(name) ? name : `"${name}"`);
