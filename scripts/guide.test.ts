import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settingsOf } from "../src/client/settings.ts";

const SRC = join(import.meta.dirname, "..", "src");
const read = (path: string): string => readFileSync(join(SRC, path), "utf8");
const GUIDE = read("GUIDE.md");

/** The members of an interface, as Biome lays it out. */
function membersOf(path: string, name: string): readonly string[] {
  const body = new RegExp(`^export interface ${name}\\b[^{]*{\\n([\\s\\S]*?)^}`, "m").exec(
    read(path),
  );
  const members = [...(body?.[1] ?? "").matchAll(/^ {2}(?:readonly )?(\w+)\??[<(:]/gm)];
  return members.map(([, member = ""]) => member);
}

/** The texts that a file's union types are made of. */
const unionsOf = (path: string): readonly string[] =>
  [...read(path).matchAll(/^export type \w+ =([^;{]*);/gm)].flatMap(([, union = ""]) =>
    [...union.matchAll(/"(\w+)"/g)].map(([, text = ""]) => text),
  );

/** What the guide puts into code somewhere. */
const isNamed = (name: string): boolean =>
  new RegExp(`\`[^\`\\n]*\\b${name}\\b[^\`\\n]*\``).test(GUIDE);

test.each([
  ["client/options.ts", "ClientOptions"],
  ["client/options.ts", "QueueConfig"],
  ["client/options.ts", "ReindexOptions"],
  ["client/job-type.ts", "JobOptions"],
  ["client/job-type.ts", "UniqueSettings"],
  ["client/worker.ts", "Attempt"],
  ["client/worker.ts", "WorkerOptions"],
  ["client/periodic-entry.ts", "PeriodicEntry"],
  ["drivers/pg.ts", "PostgresOptions"],
])("the guide names all of %s, %s", (path, name) => {
  const members = membersOf(path, name);
  expect(members.length).toBeGreaterThan(0);
  expect(members.filter((member) => !isNamed(member))).toEqual([]);
});

test("the guide names every event and every error", () => {
  const kinds = [...read("client/events.ts").matchAll(/"((?:job|queue)_\w+)"/g)].map(
    ([, kind = ""]) => kind,
  );
  const codes = unionsOf("errors.ts");
  expect([kinds.length, codes.length].every((count) => count > 6)).toBe(true);
  expect([...kinds, ...codes].filter((name) => !isNamed(name))).toEqual([]);
});

test("defaults that the guide tells are those of a client", () => {
  const settings = settingsOf({});
  const told = (name: string) =>
    new RegExp(`^\\| \`${name}\`[^|]*\\| ([^|]*) \\|`, "m").exec(GUIDE)?.[1];
  expect(told("jobTimeoutMs")).toBe(settings.jobTimeoutMs.toLocaleString("en"));
  expect(told("stuckAfterMs")).toBe(settings.stuckAfterMs.toLocaleString("en"));
  const stops = `${settings.softStopMs}, ${settings.hardStopMs.toLocaleString("en")}`;
  expect(told("softStopMs")).toBe(stops.replace("-", "−"));
  for (const name of ["onlyKnownKinds", "pollOnly", "mayLead"] as const)
    expect(told(name)).toBe(String(settings[name]));
});
