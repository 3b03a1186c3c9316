import { writeFile } from "node:fs/promises";
import { killAll } from "./kill-all.ts";

const verdicts = await killAll({ shrinks: false });
const found = verdicts
  .filter(({ verdict }) => verdict === "killed")
  .map(({ bug, sequence }) => `  ${JSON.stringify(bug.name)}: ${sequence},\n`);
const text = `// Written by npm run kills.

/** In which sequence of the gate's seed each seeded bug is found, so that tests can begin there. */
export const FOUND_IN: Readonly<Record<string, number>> = {
${found.join("")}};
`;
await writeFile(new URL("../conformance/bugs/found-in.generated.ts", import.meta.url), text);
