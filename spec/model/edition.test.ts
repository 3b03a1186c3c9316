import { expect, test } from "vitest";
import { EDITIONS, editionFor, editionNamed, NEWEST } from "./edition.ts";

test("a version is judged by the last edition that is not after it", () => {
  const names = [
    "0.0.22",
    "0.12.0",
    "0.12.1",
    "0.13.0",
    "0.15.9",
    "0.16",
    "0.23.1",
    "v0.24.0",
    "0.47.0",
    "0.51.1",
  ].map((version) => editionFor(version).name);
  const want = ["0.12", "0.12", "0.12", "0.13", "0.14", "0.16", "0.18", "0.24", "0.44", "0.48"];
  expect(names).toEqual(want);
});

test("what has no version of River's kind gets today's rules", () => {
  for (const version of ["", "main", "1.0.0", "2.3"]) expect(editionFor(version)).toBe(NEWEST);
});

test("editions only add: what one demands, all later ones do", () => {
  for (const [i, edition] of EDITIONS.entries()) {
    for (const [name, isOn] of Object.entries(EDITIONS[i - 1] ?? {})) {
      if (isOn === true) expect(edition, name).toMatchObject({ [name]: true });
    }
    expect(editionNamed(edition.name)).toBe(edition);
  }
  expect(Object.values(NEWEST).slice(1)).not.toContain(false);
  expect(editionNamed("0.1")).toBeUndefined();
});
