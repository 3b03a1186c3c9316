import { fileURLToPath } from "node:url";
import { describe, expect, inject, test } from "vitest";
import { staleEdit } from "../bugs/bug.ts";
import { referenceStatements } from "../bugs/statements.ts";
import { LIVE_BUGS } from "./bugs.ts";
import { LiveCheck, type LiveRun } from "./check.ts";
import { A, B, type Scenario, type ScriptedJob, scripted, type Weather } from "./scenario.ts";

const TSX = [process.execPath, "--import", "tsx"];
const program = (path: string, ...args: readonly string[]) => [
  ...TSX,
  fileURLToPath(new URL(path, import.meta.url)),
  ...args,
];

const WAVES = 20;
const WAVE_MS = 250;

/** Shorter than the scenarios of seeds, and without crashes: every bug has its chance within a few seconds. */
const DRILL: Scenario = {
  slots: [
    [A, B],
    [A, B],
  ],
  events: [
    { atMs: 0, what: { do: "insert", jobs: stubborn() } as const },
    ...Array.from({ length: WAVES }, (_, i) => ({ atMs: (i + 1) * WAVE_MS, what: wave() })),
    { atMs: 2_500, what: { do: "pause", queue: B } as const },
    { atMs: 600, what: { do: "cut", slot: 0 } as const },
    { atMs: 900, what: { do: "cut", slot: 1 } as const },
    { atMs: 1_300, what: { do: "cut", slot: 0 } as const },
    { atMs: 1_600, what: { do: "hold" } as const },
    ...[1_800, 2_700, 3_600].map((atMs) => ({ atMs, what: { do: "resign" } as const })),
    { atMs: 5_000, what: { do: "resume", queue: B } as const },
  ].sort((a, b) => a.atMs - b.atMs),
  resignEveryMs: 1_000,
  timeoutMs: 500,
  rescueAfterMs: 1_500,
  spared: 0,
};

function stubborn(): readonly ScriptedJob[] {
  const late = (ms: number) =>
    scripted([[`sleep ${ms}ms`, "error"], ["sleep 1200ms", "complete"], ["complete"]], 3);
  // Whenever the next attempt begins, one of the late results falls into it.
  const lates = Array.from({ length: 10 }, (_, i) => late(2_600 + i * 800));
  return [...lates, scripted([["hang"]], 1)];
}

function wave(): Weather {
  const plain = Array.from({ length: 8 }, () => scripted([["sleep 200ms", "complete"]], 3));
  const others = [
    scripted([["sleep 20ms", "complete_tx"]], 3),
    scripted([["sleep 5ms", "error"], ["complete"]], 3),
    scripted([["complete"]], 3, { queue: B }),
  ];
  return { do: "insert", jobs: [...plain, ...others] };
}

async function drill(argv: readonly string[], seconds: number): Promise<LiveRun> {
  const check = await LiveCheck.open(argv, inject("postgresUrl"), {});
  try {
    const limits = { seconds, isStopped: () => false, onProgress: () => {} };
    return await check.run(DRILL, limits);
  } finally {
    await check.close();
  }
}

/** How long each must be left alone with the clients until it shows, where not as long as the longest. */
const SECONDS: Readonly<Record<string, number>> = {
  "live-fetch-unlocked": 6,
  "live-fetch-hands-out-twice": 1,
  "live-finish-dropped": 6,
  "live-finish-lost-with-connection": 6,
  "live-rescue-endless": 5,
  "live-transaction-apart": 1,
  "live-pause-unheard": 6,
};
const LONGEST = 10;

describe.concurrent("live clients", { timeout: 180_000 }, () => {
  test("the reference does its drill without a fault", async ({ expect }) => {
    const { verdict, conducted } = await drill(program("../adapters/reference-process.ts"), 40);
    expect(verdict.findings).toEqual([]);
    expect(verdict.unclear).toEqual([]);
    expect(verdict.attempts.length).toBeGreaterThan(WAVES * 8);
    expect(conducted.cut).toBeGreaterThan(0);
    const rules = [...verdict.fired.keys()];
    expect(rules).toEqual(expect.arrayContaining(["FET-4", "FIN-1", "FIN-3", "RSC-7", "RSC-8"]));
  });

  test.each(LIVE_BUGS.map((bug) => [bug.name, bug] as const))(
    "%s is found, and named by a rule that it breaks",
    async (name, { breaks }) => {
      const seconds = SECONDS[name] ?? LONGEST;
      const argv = program("./faulty-process.ts", name);
      // On a machine that stands still for seconds nothing comes to what would show it.
      const named = (await namedBy(argv, seconds)) ?? (await namedBy(argv, 4 * seconds));
      expect(breaks).toContain(named);
    },
  );
});

/** The rule that the first finding names; null where there is none. */
async function namedBy(argv: readonly string[], seconds: number): Promise<string | null> {
  const { verdict } = await drill(argv, seconds);
  return verdict.findings[0]?.rule ?? null;
}

test("every edit finds its text once, in its own statement", async () => {
  const statements = await referenceStatements();
  expect(
    LIVE_BUGS.map((bug) => staleEdit(bug, statements)).filter((edit) => edit !== null),
  ).toEqual([]);
});
