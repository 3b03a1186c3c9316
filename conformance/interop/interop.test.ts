import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Pair } from "./pair.ts";
import { isAvailable, type Language, MEETS } from "./peers.ts";
import { SCENES } from "./scenes.ts";
import { SUCCESSION, succeed } from "./succession.ts";

/** Who is the first, which leads and inserts, and who the second, which works and inherits. */
const PAIRS: readonly (readonly [Language, Language])[] = [
  ["weir", "go"],
  ["go", "weir"],
  ["weir", "rust"],
  ["rust", "weir"],
];

const NAMES = {
  weir: "Weir",
  go: `River Go ${MEETS.go}`,
  rust: `River's crate ${MEETS.rust}`,
} as const;

/** Without a toolchain there is no peer; in CI that is a failure, elsewhere a skip. */
const isOwed = (language: Language) => isAvailable(language) || process.env.CI !== undefined;

/** What takes place, by title; each has its own end. */
type Play = Readonly<{ pair: Promise<Pair>; acts: ReadonlyMap<string, Promise<void>> }>;

/** The scenes all at once; when they are over the succession, in which the first dies. */
function begin(languages: readonly [Language, Language]): Play {
  const pair = Pair.open(inject("postgresUrl"), languages);
  const scenes = SCENES.map(({ title, play }) => [title, pair.then(play)] as const);
  const over = Promise.allSettled(scenes.map(([, ended]) => ended));
  const succession = over.then(async () => succeed(await pair));
  const acts = SUCCESSION.map((title) => {
    return [title, succession.then((ended) => ended[title])] as const;
  });
  return { pair, acts: new Map([...scenes, ...acts]) };
}

/** Most of the time is spent waiting, for terms to run out and for services to come round: all pairs wait together. */
const plays = new Map<readonly [Language, Language], Play>();

beforeAll(async () => {
  for (const pair of PAIRS.filter((languages) => languages.every(isOwed))) {
    const play = begin(pair);
    plays.set(pair, play);
    // A failure is the test's that waits for it.
    for (const ended of play.acts.values()) ended.catch(() => {});
  }
  await Promise.allSettled([...plays.values()].map(({ pair }) => pair));
}, 900_000);

afterAll(async () => {
  const opened = await Promise.allSettled([...plays.values()].map(({ pair }) => pair));
  for (const each of opened) if (each.status === "fulfilled") await each.value.close();
});

for (const languages of PAIRS) {
  const [first, second] = languages;
  const missing = languages.find((language) => !isOwed(language));
  const why = missing === undefined ? "" : ` (skipped: nothing here builds ${NAMES[missing]})`;
  const title = `first ${NAMES[first]}, second ${NAMES[second]}${why}`;
  describe.skipIf(missing !== undefined)(title, { timeout: 120_000 }, () => {
    test.each([...SCENES.map((scene) => scene.title), ...SUCCESSION])("%s", async (act) => {
      const ended = plays.get(languages)?.acts.get(act);
      expect(ended).toBeDefined();
      await ended;
    });
  });
}
