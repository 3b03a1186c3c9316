import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import type { About, Support } from "../adapter.ts";
import { absenceOf } from "../run/applies.ts";
import { claimNames, isPositive, methodsOf } from "./claims.ts";

type Claims = Readonly<Record<string, Support>>;

/** What an adapter could add next, and the rules that could be checked then and cannot now. */
export type Rung = Readonly<{
  claims: readonly string[];
  methods: readonly string[];
  rules: readonly RuleId[];
}>;

/** The rules that can be checked on an implementation. */
export const checkableRules = (edition: string, claims: Claims): readonly RuleId[] =>
  (Object.keys(RULES) as RuleId[]).filter((rule) => absenceOf(rule, edition, claims) === null);

/**
 * What is missing, in the order in which it pays: at each rung one capability, or two that only help together, whichever gives most rules
 * for each method. Parts come with their whole, unless the adapter gave a reason of their own.
 */
export function ladderOf({ edition, capabilities }: Pick<About, "edition" | "capabilities">) {
  const rungs: Rung[] = [];
  let claims: Claims = capabilities;
  for (;;) {
    const [best] = candidates(claims)
      .map((names) => rungOf(edition, claims, names))
      .filter(({ rules }) => rules.length > 0)
      .sort((a, b) => worth(b) - worth(a) || a.claims.length - b.claims.length);
    if (best === undefined) return rungs;
    rungs.push(best);
    claims = withAll(claims, best.claims);
  }
}

function candidates(claims: Claims): readonly (readonly string[])[] {
  // Where the implementation knowingly differs, there is nothing to add.
  const missing = claimNames().filter((name) => !isPositive(claims[name]));
  const wholes = missing.filter((name) => methodsOf(name).length > 0);
  const pairs = wholes.flatMap((a, i) => wholes.slice(i + 1).map((b) => [a, b]));
  return [...missing.map((name) => [name]), ...pairs];
}

function rungOf(edition: string, claims: Claims, names: readonly string[]): Rung {
  const now = new Set(checkableRules(edition, claims));
  const rules = checkableRules(edition, withAll(claims, names)).filter((rule) => !now.has(rule));
  return { claims: names, methods: names.flatMap(methodsOf), rules };
}

/** A part without a method of its own is an option of a method that is there: half of the work of one. */
const worth = ({ methods, rules }: Rung): number => rules.length / (methods.length || 0.5);

function withAll(claims: Claims, names: readonly string[]): Claims {
  const added = names.flatMap((name) => {
    const parts = claimNames().filter((each) => each.startsWith(`${name}.`));
    const inherited = parts.filter((part) => sameReason(claims[part], claims[name]));
    return [name, ...inherited].map((each) => [each, "supported"] as const);
  });
  return { ...claims, ...Object.fromEntries(added) };
}

const sameReason = (part: Support | undefined, whole: Support | undefined): boolean =>
  JSON.stringify(part) === JSON.stringify(whole);
