import { parentPort, workerData } from "node:worker_threads";
import { NEWEST } from "../../spec/model/edition.ts";
import { step } from "../../spec/model/step.ts";
import { explore } from "../explore/explore.ts";
import { MUTANTS } from "../explore/mutants.ts";
import { summarise } from "../explore/report.ts";
import { WORLDS } from "../explore/worlds.ts";
import { lawOf } from "../law.ts";
import type { ExploreTask } from "./explore.ts";

const task: ExploreTask = workerData;
const world = WORLDS.find(({ name }) => name === task.world);
if (world === undefined) throw new Error(`A world must be known, but ${task.world} is not.`);
const model = MUTANTS.find(({ name }) => name === task.mutant)?.model ?? step;
const law = lawOf(NEWEST);
parentPort?.postMessage(summarise(explore(world, law, model), law, model));
