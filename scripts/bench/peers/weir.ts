import { postgres } from "../../../src/drivers/pg.ts";
import { serve } from "./serve.ts";
import { weir } from "./weir-subject.ts";

await serve(weir((url) => postgres(url)));
