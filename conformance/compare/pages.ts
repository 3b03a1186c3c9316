import type { Answer, Effect } from "../../spec/model/effect.ts";
import type { Job } from "../../spec/model/state.ts";
import type { RuleId } from "../../spec/rules.generated.ts";
import type { Reply } from "../adapter.ts";
import { printPages } from "../notation/expectation.ts";
import { type Difference, owed } from "./difference.ts";

type Owed = Extract<Answer, { op: "list" }>;
type Said = Extract<Reply, { op: "list" }>;
type Page = readonly (number | null)[];

/** Where a list goes otherwise than it must, told at the first page that does. */
export function comparePages(
  effects: readonly Effect[],
  answer: Owed,
  reply: Said,
  labelOf: (job: Job) => number | null,
): Difference[] {
  const got = reply.pages.map((page) => page.map(labelOf));
  const count = Math.max(answer.pages.length, got.length);
  const at = Array.from({ length: count }, (_, i) => i).find(
    (i) => JSON.stringify(answer.pages[i]) !== JSON.stringify(got[i]),
  );
  if (at === undefined) return [];
  const rule = at > 0 ? "INV-14" : blame(effects, answer, answer.pages[0] ?? [], got[0] ?? []);
  const difference = owed(effects, rule, null, "id", printPages(answer.pages), printPages(got));
  return [{ ...difference, on: "list" }];
}

/** The rule that keeps a job out which is there, brings one in which is not, bounds the page, or orders it. */
function blame(effects: readonly Effect[], { pages, limit }: Owed, want: Page, got: Page): RuleId {
  const listed = new Set(pages.flat());
  const rulesOf = (id: number | null) => effects.filter((each) => each.job === id);
  const extra = got.find((id) => id === null || !listed.has(id));
  if (extra !== undefined) return rulesOf(extra)[0]?.rule ?? "INV-9";
  const isCut = want.length === limit && got.every((id, i) => id === want[i]);
  if (got.length > limit || (isCut && got.length > 0)) return "LST-11";
  const missing = want.find((id) => !got.includes(id));
  const order = rulesOf(want[0] ?? null).at(-1)?.rule ?? "INV-9";
  if (missing === undefined || got.length === want.length) return order;
  return rulesOf(missing)[0]?.rule ?? order;
}
