import type { Law } from "../../spec/model/effect.ts";
import type { Op } from "../../spec/model/op.ts";
import { JOB_STATES } from "../../spec/model/state.ts";
import { printMicros } from "../notation/time.ts";
import type { Divergence } from "../run/sequence.ts";
import { nameKeysIn } from "./finding.ts";
import { escapeHtml } from "./html.ts";
import { showState } from "./screen.ts";
import { storyOf } from "./story.ts";
import { type Also, alsoOf } from "./story-json.ts";
import type { Cell, Mark, StoryTable, TableStep } from "./table.ts";

/** A story up to its divergence as HTML: the table, what else differs, and why it must be otherwise. */
export function storyHtml(ops: readonly Op[], law: Law, divergence: Divergence): string {
  const { table, keys } = storyOf(ops, law, divergence);
  const why = nameKeysIn(divergence.differences[0]?.because ?? "", keys);
  return [
    tableHtml(table),
    alsoHtml(alsoOf(divergence)),
    `<p><b>Why</b> ${escapeHtml(why)}</p>`,
  ].join("");
}

/** A story's table: time down, jobs, keys and services across; what differs is boxed with what must be. */
export function tableHtml({ steps, jobs, keys, services = [], marks }: StoryTable): string {
  const heads = [...jobs.map((job) => `#${job}`), ...keys.map((key) => `key ${key}`), ...services];
  const head = heads.map((each) => `<th scope="col">${escapeHtml(each)}</th>`).join("");
  const rows = steps.map((step, i) => {
    const own = marks.filter((mark) => mark.step === i);
    const cells = [
      ...jobs.map((job) => jobCell(step, job, own)),
      ...keys.map((key) => `<td>${escapeHtml(step.keys.get(key) ?? "")}</td>`),
      ...services.map((service) => serviceCell(step, service, own)),
    ];
    return `<tr>${stepCell(step, own, cells.length > 0)}${cells.join("")}</tr>`;
  });
  return `<div class="wrap" tabindex="0" role="group" aria-label="story"><table class="tl"><thead><tr><th scope="col">step</th>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

/** A step heads its row, unless the row has nothing else. */
function stepCell({ at, text }: TableStep, marks: readonly Mark[], isHead: boolean): string {
  const own = marks.filter((mark) => mark.at === "step").map(({ must }) => boxed("", must));
  const step = `<small>${printMicros(at)}</small> <code>${escapeHtml(text)}</code>${own.join("")}`;
  return isHead ? `<th scope="row">${step}</th>` : `<td>${step}</td>`;
}

function jobCell({ cells }: TableStep, job: number, marks: readonly Mark[]): string {
  const shown = cellText(cells.get(job));
  const mark = marks.find(({ at }) => typeof at === "object" && "job" in at && at.job === job);
  if (mark !== undefined) {
    const must = mark.column === undefined ? mark.must : `${mark.column} must be ${mark.must}`;
    return `<td>${boxed(shown, mark.column === undefined ? `must be ${stateText(must)}` : must)}</td>`;
  }
  return cells.get(job) === "unchanged" ? '<td class="u">┊</td>' : `<td>${escapeHtml(shown)}</td>`;
}

function serviceCell({ services }: TableStep, service: string, marks: readonly Mark[]): string {
  const shown = services?.get(service) ?? "";
  const mark = marks.find(
    ({ at }) => typeof at === "object" && "service" in at && at.service === service,
  );
  if (mark === undefined) return `<td>${escapeHtml(shown)}</td>`;
  const must = mark.column === undefined ? mark.must : `${mark.column} must be ${mark.must}`;
  return `<td>${boxed(shown, must)}</td>`;
}

/** What was got, and below it what must be. */
function boxed(got: string, must: string): string {
  const text = /must be/.test(must) ? must : `must be ${must}`;
  return `<span class="bad">${escapeHtml(got)}<b>✗ ${escapeHtml(text)}</b></span>`;
}

const stateText = (text: string): string => {
  const state = JOB_STATES.find((each) => each === text);
  return state === undefined ? text : showState(state);
};

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  if (cell === "unchanged") return "unchanged";
  return typeof cell === "string" ? showState(cell) : cell.text;
}

const ALSO = 4;

/** What else differs, the first few. */
export function alsoHtml(also: readonly Also[]): string {
  if (also.length === 0) return "";
  const more = also.length - ALSO;
  const lines = also
    .slice(0, ALSO)
    .map(
      ({ subject, must, is }) =>
        `<li><code>${escapeHtml(subject)}</code> must be <ins>${escapeHtml(must)}</ins>, but is <del>${escapeHtml(is)}</del></li>`,
    );
  return `<p>Also</p><ul>${lines.join("")}${more > 0 ? `<li>and ${more} more</li>` : ""}</ul>`;
}
