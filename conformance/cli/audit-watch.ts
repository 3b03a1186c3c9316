import { setTimeout as sleep } from "node:timers/promises";
import type { Database, Db } from "../../src/db.ts";
import { type AuditOptions, auditIn } from "../audit/audit.ts";
import { auditJson, jobJson, outcomeJson } from "../audit/audit-json.ts";
import { lengthOf } from "../audit/duration.ts";
import { type ListName, listJobs } from "../audit/list.ts";
import { type AuditLook, exitOf, newsLine, verdictOf, wholeScreen } from "../audit/screen.ts";
import { inSnapshot, type Place } from "../audit/snapshot.ts";
import { type News, type Outside, watch } from "../audit/watch.ts";
import { ServerError } from "../database/server-error.ts";
import { EXIT, type ExitCode, worstOf } from "./exit.ts";
import { print } from "./terminal.ts";

/** How to watch, and how to tell of it. */
export type WatchOptions = Readonly<{
  everyMs: number;
  look: Omit<AuditLook, "seconds">;
  /** The one line for an error of the server; what is none is given back. */
  failure: (error: unknown) => unknown;
  json: boolean;
}>;

/** Audits again and again until Ctrl-C; exit 1 if a broken rule was seen at any time. */
export async function watchDatabase(
  db: Database,
  asked: AuditOptions,
  options: WatchOptions,
): Promise<ExitCode> {
  const started = performance.now();
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  let worst: ExitCode = EXIT.pass;
  const seconds = () => (performance.now() - started) / 1000;
  try {
    const done = await watch(
      {
        ...tellers(options, seconds),
        look: (use) =>
          inSnapshot(db, asked, async (tx, place) => {
            const audit = await auditIn(tx, place, asked);
            worst = worstOf([worst, exitOf(audit)]);
            return use({ audit, jobs: gradedJobs(tx, place, asked) });
          }),
        wait: (ms) => sleep(ms, undefined, { signal: stop.signal }).catch(() => {}),
        isStopped: () => stop.signal.aborted,
      },
      options.everyMs,
    );
    const { looks, failures, news } = done;
    if (options.json) {
      print(
        JSON.stringify({ event: "end", seconds: seconds(), looks, failures, news, exit: worst }),
      );
    } else {
      print(
        "",
        `  watched for ${lengthOf(seconds())}: ${looks} looks, ${failures} failed, ${news} news`,
        `  exit ${worst}`,
      );
    }
    return worst;
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

/** What the watch says to standard output; of the connection, to standard error. */
function tellers(
  { look, json, failure }: WatchOptions,
  seconds: () => number,
): Pick<Outside, "first" | "news" | "lost" | "back"> {
  const say = (text: string) => process.stderr.write(`weir: ${text}\n`);
  return {
    first: async (audit) => {
      if (json) {
        for (const line of auditJson(audit, seconds(), exitOf(audit))) print(JSON.stringify(line));
      } else {
        print(...wholeScreen(audit, { ...look, seconds: seconds() }), verdictOf(audit), "");
      }
    },
    news: async (news: News, { seen }) => {
      if (!json) return print(newsLine(news, seen.at, look));
      const event = "job" in news ? jobJson(news.check, news.job) : outcomeJson(news.outcome);
      print(JSON.stringify({ ...event, at: seen.at }));
    },
    lost: (error, againMs) => {
      const known = failure(error);
      if (!(known instanceof ServerError)) throw error;
      say(`${known.message} Trying again in ${lengthOf(Math.ceil(againMs / 1000))}.`);
    },
    back: (attempts) =>
      say(
        `the database answers again, after ${attempts} failed ${attempts === 1 ? "try" : "tries"}.`,
      ),
  };
}

const GRADED: readonly ListName[] = ["discarded", "rivals", "unclear"];

async function* gradedJobs(tx: Db, place: Place, asked: AuditOptions) {
  for (const check of GRADED) {
    for await (const rows of listJobs(tx, place, check, asked)) {
      for (const job of rows) yield { check, job };
    }
  }
}
