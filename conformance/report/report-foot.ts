import { escapeHtml } from "./html.ts";
import { powerOf } from "./power.ts";
import type { Column } from "./report-columns.ts";
import { writeReport } from "./report-text.ts";
import type { ReportHeader, RunReport } from "./run-report.ts";
import { countOf } from "./summary.ts";

const CLOCKS: Readonly<Record<ReportHeader["clock"], string>> = {
  virtual: "time virtual: nothing waits, and every instant is exact",
  injected: "time injected: the implementation is told what time it is",
  database: "time of the database: its SQL sees Weir's time, its own code does not",
  unknown: "time unknown: it could not be asked",
  real: "time real: instants are compared within limits",
};

/** So many characters of NDJSON are carried as they are; more are compressed. */
const PLAIN = 100_000;

const PACKED = "data:application/x-brotli;base64,";
const OPENING = '<script type="application/x-ndjson" id="ndjson">\n';

/** How to run it again, on what it ran, what a pass does not show, and the reports themselves. */
export function reportFoot(
  columns: readonly Column[],
  compress: (text: string) => Uint8Array,
): string {
  return [
    "<footer><h2>How this was made</h2><ul>",
    ...columns.map(({ report }) => runHtml(report)),
    "</ul>",
    "<p><b>A pass does not show that nothing is wrong.</b> Weir samples: another seed may find more. One session does one thing at a time, so races, locks and crashes are not tested. Rows, answers and notifications are compared, not speed. What was skipped, undecided or never fired says nothing.</p>",
    ndjsonHtml(
      columns.map(({ report }) => report),
      compress,
    ),
    "</footer>",
  ].join("\n");
}

function runHtml(report: RunReport): string {
  const { header, footer } = report;
  const { tour } = footer;
  const { rules, first, last } = powerOf(report);
  const bounds = [
    `property ${header.property}`,
    `${countOf(footer.sequences, "sequence")}, ${countOf(footer.operations, "operation")} in ${footer.seconds.toFixed(0)} s`,
    `${countOf(footer.transitions, "abstract transition")} reached`,
    ...(first === null || last === null
      ? []
      : [
          `${countOf(rules, "rule")} found, the first in sequence ${first.sequence} after ${first.seconds.toFixed(1)} s, the last in sequence ${last.sequence} after ${last.seconds.toFixed(1)} s`,
        ]),
    ...(tour === undefined ? [] : [`tour of ${tour.toured} of ${tour.transitions}`]),
  ].join(", ");
  const facts = [
    `weir ${header.weir}`,
    `edition ${header.edition}`,
    `seed ${header.seed}`,
    header.database,
    CLOCKS[header.clock],
    bounds,
    header.machine,
    header.at,
    `exit ${footer.exit}`,
  ];
  return `<li><code>${escapeHtml(header.command)}</code><small>${escapeHtml(facts.join(" · "))}</small></li>`;
}

/** The reports as NDJSON: in the page's source where they are short, else as a link that gives them back; `ndjsonIn` reads both. */
function ndjsonHtml(reports: readonly RunReport[], compress: (text: string) => Uint8Array): string {
  const text = reports.map(writeReport).join("");
  if (text.length > PLAIN) {
    return `<p><a download="reports.ndjson.br" href="${PACKED}${base64(compress(text))}">The reports as NDJSON</a>, compressed by brotli. <code>npx weir matrix --from page.html --ndjson reports.ndjson</code> takes them out of this page.</p>`;
  }
  // Nothing in it can end the element: JSON may write < as an escape.
  const safe = text.replaceAll("<", "\\u003c");
  return `<p>The report as NDJSON stands in the source of this page, at its end.</p>${OPENING}${safe}</script>`;
}

/** The NDJSON that a page of reports carries; null where it carries none. `decompress` undoes what `compress` did. */
export function ndjsonIn(page: string, decompress: (bytes: Uint8Array) => string): string | null {
  const [, text] = page.split(OPENING);
  if (text !== undefined) return text.slice(0, text.indexOf("</script>"));
  const [, packed] = page.split(`"${PACKED}`);
  if (packed === undefined) return null;
  const binary = atob(packed.slice(0, packed.indexOf('"')));
  return decompress(Uint8Array.from(binary, (sign) => sign.charCodeAt(0)));
}

const base64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
