import { BUGS } from "../conformance/bugs/catalogue.ts";
import { killBug, type Verdict } from "../conformance/bugs/kill.ts";
import { GATE_SEED } from "../conformance/cli/options.ts";
import { pgliteGround } from "../conformance/reference/ground.ts";

/** Hunts every seeded bug with the gate's seed, on PGlite, in the order of the catalogue; some minutes. */
export async function killAll({
  shrinks,
}: {
  readonly shrinks: boolean;
}): Promise<readonly Verdict[]> {
  const ground = await pgliteGround();
  const verdicts: Verdict[] = [];
  const limits = { sequences: 3000, seconds: 60 };
  try {
    for (const [i, bug] of BUGS.entries()) {
      process.stderr.write(`bug ${i + 1} of ${BUGS.length}: ${bug.name}\n`);
      verdicts.push(await killBug(ground, bug, { seed: GATE_SEED, ...limits, shrinks }));
    }
  } finally {
    await ground.close();
  }
  return verdicts;
}
