import { writeFile } from "node:fs/promises";
import { BUGS } from "../conformance/bugs/catalogue.ts";
import { killBug } from "../conformance/bugs/kill.ts";
import { GATE_SEED } from "../conformance/cli/options.ts";
import { pgliteGround } from "../conformance/reference/ground.ts";

const found: string[] = [];
const ground = await pgliteGround();
try {
  for (const bug of BUGS) {
    const options = { seed: GATE_SEED, sequences: 3000, seconds: 60, shrinks: false };
    const { verdict, sequence } = await killBug(ground, bug, options);
    process.stderr.write(`${bug.name}: ${verdict}, sequence ${sequence}\n`);
    if (verdict === "killed") found.push(`  ${JSON.stringify(bug.name)}: ${sequence},`);
  }
} finally {
  await ground.close();
}
const text = `// Written by npm run kills.

/** In which sequence of the gate's seed each seeded bug is found, so that tests can begin there. */
export const FOUND_IN: Readonly<Record<string, number>> = {
${found.join("\n")}
};
`;
await writeFile(new URL("../conformance/bugs/found-in.generated.ts", import.meta.url), text);
