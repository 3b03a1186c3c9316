import { z } from "zod";

/** RFC 3339 in UTC with up to microseconds: `2030-01-01T00:00:00.000001Z`. */
export const timestamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/);
