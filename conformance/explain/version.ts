import { EDITIONS, type Edition, editionFor, NEWEST } from "../../spec/model/edition.ts";
import { RULES, type RuleId } from "../../spec/rules.generated.ts";
import { type Link, type Sources, switchLink } from "./links.ts";

/** What a later River changed: since which release, and what it does now. */
export type Change = Readonly<{ name: string; since: string; what: string; read: Link | null }>;

/** A version of River as Weir judges it. */
export type VersionExplanation = Readonly<{
  kind: "version";
  version: string;
  edition: string;
  /** Whether the version is older than the oldest edition, whose rules then judge it for want of better ones. */
  isTooOld: boolean;
  changes: readonly Change[];
  /** Rules that came only later. */
  notInForce: readonly RuleId[];
  /** The adapters there are for it. */
  adapters: readonly string[];
}>;

/** Whether a text is a version such as `0.12.0`, `v0.12` or `0.48`. */
export const isVersion = (text: string): boolean => /^v?\d+\.\d+(\.\d+)?$/.test(text);

/** What holds for a version; `available` are the names of all adapters. */
export function explainVersion(
  text: string,
  sources: Sources,
  available: readonly string[],
): VersionExplanation {
  const version = text.replace(/^v/, "");
  const edition = editionFor(version);
  const [oldest = NEWEST] = EDITIONS;
  return {
    kind: "version",
    version,
    edition: edition.name,
    isTooOld: minorOf(version) < minorOf(oldest.name) && version.startsWith("0."),
    changes: changesAfter(edition, sources),
    notInForce: (Object.keys(RULES) as RuleId[]).filter((id) => {
      const { since } = RULES[id];
      return since !== null && minorOf(since) > minorOf(edition.name);
    }),
    adapters: available.filter((name) => {
      const of = name.split("@")[1] ?? "";
      return of === version || of.startsWith(`${version}.`);
    }),
  };
}

const minorOf = (version: string): number => Number(version.split(".")[1]);

const changesAfter = (edition: Edition, sources: Sources): readonly Change[] =>
  changesIn(sources).filter(
    ({ name }) => edition[name as keyof Edition] !== NEWEST[name as keyof Edition],
  );

/** All changes of River's rules, oldest first. The docstring of a switch in `edition.ts` is the one place that says what changed. */
export function changesIn(sources: Sources): readonly Change[] {
  const text = sources.get("spec/model/edition.ts") ?? "";
  const switches = [
    ...text.matchAll(/\/\*\* (\d+\.\d+): ((?:(?!\*\/)[\s\S])*?) \*\/\s+(\w+): boolean;/g),
  ];
  return switches.map(([, since = "", what = "", name = ""]) => ({
    name,
    since,
    what: what.replaceAll(/\s*\n\s*\* /g, " "),
    read: switchLink(name, sources),
  }));
}
