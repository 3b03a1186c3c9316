import type { RuleId } from "../../spec/rules.generated.ts";
import { ACCEPT_BUGS } from "./accept.ts";
import type { Bug } from "./bug.ts";
import { CANCEL_BUGS } from "./cancel.ts";
import { CLEAN_BUGS } from "./clean.ts";
import { CLEAN_QUEUE_BUGS } from "./clean-queues.ts";
import { COMPLETE_BUGS } from "./complete.ts";
import { DELETE_BUGS } from "./delete.ts";
import { DELETE_MANY_BUGS } from "./delete-many.ts";
import { FETCH_BUGS } from "./fetch.ts";
import { FINISH_BUGS } from "./finish.ts";
import { INSERT_BUGS } from "./insert.ts";
import { LEADER_BUGS } from "./leader.ts";
import { LIST_BUGS } from "./list.ts";
import { NOTIFY_BUGS } from "./notify.ts";
import { PERIODIC_BUGS } from "./periodic.ts";
import { QUEUE_BUGS } from "./queues.ts";
import { RESCUE_BUGS } from "./rescue.ts";
import { RETRY_BUGS } from "./retry.ts";
import { SCHEDULE_BUGS } from "./schedule.ts";

/** Every seeded bug: what the suite must find to be believed when it finds nothing. */
export const BUGS: readonly Bug[] = [
  ...INSERT_BUGS,
  ...ACCEPT_BUGS,
  ...FETCH_BUGS,
  ...FINISH_BUGS,
  ...COMPLETE_BUGS,
  ...SCHEDULE_BUGS,
  ...CANCEL_BUGS,
  ...RETRY_BUGS,
  ...DELETE_BUGS,
  ...DELETE_MANY_BUGS,
  ...LIST_BUGS,
  ...NOTIFY_BUGS,
  ...PERIODIC_BUGS,
  ...RESCUE_BUGS,
  ...CLEAN_BUGS,
  ...CLEAN_QUEUE_BUGS,
  ...QUEUE_BUGS,
  ...LEADER_BUGS,
];

/** The rules that no seeded bug can break, each with the reason why. */
export const UNBREAKABLE: Readonly<Partial<Record<RuleId, string>>> = {
  "INV-1": "The unique index of migration 6 lets no row break it: what tries meets INV-13.",
};
