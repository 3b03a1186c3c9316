import { pgliteGround } from "../reference/ground.ts";
import { testKills } from "./kills.ts";

testKills(0, pgliteGround);
