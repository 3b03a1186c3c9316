import { pglite } from "../../../src/drivers/pglite.ts";
import { serve } from "./serve.ts";
import { weir } from "./weir-subject.ts";

await serve(weir(() => pglite()));
