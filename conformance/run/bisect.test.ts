import { expect, test } from "vitest";
import { bisect } from "./bisect.ts";

const VERSIONS = Array.from({ length: 50 }, (_, i) => `0.${i}.0`);

/** What a version does by its number; the versions that were tried, in order. */
function lab(does: (minor: number) => string | null) {
  const tried: string[] = [];
  const probe = async (version: string) => {
    tried.push(version);
    return does(Number(version.split(".")[1]));
  };
  return { tried, probe };
}

const told = ({ turns }: Awaited<ReturnType<typeof bisect>>) =>
  turns.map(({ before, after }) => `${before.version} ${before.verdict} → ${after.version}`);

test("the version that mends is found in few probes, ends first", async () => {
  const { tried, probe } = lab((minor) => (minor < 17 ? "shows" : "kept"));
  const found = await bisect(VERSIONS, probe);
  expect(told(found)).toEqual(["0.16.0 shows → 0.17.0"]);
  expect(tried.slice(0, 2)).toEqual(["0.0.0", "0.49.0"]);
  expect(tried.length).toBeLessThanOrEqual(8);
  expect(new Set(tried).size).toBe(tried.length);
});

test("the version that breaks is found too, also next to an end", async () => {
  const { probe } = lab((minor) => (minor < 49 ? "kept" : "shows"));
  expect(told(await bisect(VERSIONS, probe))).toEqual(["0.48.0 kept → 0.49.0"]);
});

test("ends that agree hide what is between them, unless something there is known", async () => {
  const island = (minor: number) => (minor >= 20 && minor < 30 ? "shows" : "kept");
  expect(told(await bisect(VERSIONS, lab(island).probe))).toEqual([]);
  const also = await bisect(VERSIONS, lab(island).probe, { also: ["0.22.0"] });
  expect(told(also)).toEqual(["0.19.0 kept → 0.20.0", "0.29.0 shows → 0.30.0"]);
  const all = await bisect(VERSIONS, lab(island).probe, { all: true });
  expect(told(all)).toEqual(told(also));
  expect(all.known).toHaveLength(50);
});

test("a third verdict on the way is a turn of its own", async () => {
  const { probe } = lab((minor) => (minor < 10 ? "shows" : minor < 30 ? "another" : "kept"));
  expect(told(await bisect(VERSIONS, probe))).toEqual([
    "0.9.0 shows → 0.10.0",
    "0.29.0 another → 0.30.0",
  ]);
});

test("versions that cannot be tried are passed over and named, ends as well", async () => {
  const missing = [0, 1, 24, 25, 49];
  const { probe } = lab((minor) =>
    missing.includes(minor) ? null : minor < 24 ? "shows" : "kept",
  );
  const found = await bisect(VERSIONS, probe);
  expect(told(found)).toEqual(["0.23.0 shows → 0.26.0"]);
  expect(found.turns[0]?.gap).toEqual(["0.24.0", "0.25.0"]);
  expect(found.untried).toEqual(missing.map((minor) => `0.${minor}.0`));
  const none = await bisect(["0.1.0"], async () => null);
  expect(none).toEqual({ known: [], turns: [], untried: ["0.1.0"] });
});
