import { pgliteGround } from "../reference/ground.ts";
import { testKills } from "./kills.ts";

testKills(1, pgliteGround);
