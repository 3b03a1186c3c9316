/**
 * The rules of a version's time: one switch for each change that a release note of River lists as Added or
 * Changed, with the pull request that the note names. What a note lists as Fixed, or no note names, has no switch and is judged by
 * today's rule.
 */
export type Edition = Readonly<{
  /** The first version of these rules, as `major.minor`. */
  name: string;
  /** 0.12: a unique job holds its key in the states of its mask; before, a key had no mask, other states than the default ones no key, and a batch no unique jobs (PR 590). */
  masks: boolean;
  /** 0.13: custom unique states must hold available, pending, running and scheduled (PR 614). */
  requiredUniqueStates: boolean;
  /** 0.14: the error of a cancelled attempt bears the exported name JobCancelError; before, jobCancelError (PR 665). */
  cancelErrorExported: boolean;
  /** 0.16: a snooze lowers `attempt` and counts in `snoozes`; before, it raised `max_attempts` (PR 730). */
  snoozeGivesAttemptBack: boolean;
  /** 0.16: a unique period is that of `scheduled_at`; before, that of the insertion (PR 734). */
  periodOfScheduledAt: boolean;
  /** 0.16: periodic jobs have `periodic` in their metadata (PR 728). */
  periodicMark: boolean;
  /** 0.18: with outputs, an outcome carries updates of the metadata, which count when the job is no longer running; before, a late snooze was not counted (PR 758). */
  lateSnoozeCounts: boolean;
  /** 0.24: periodic jobs with an id have it in their metadata (PR 992). */
  periodicId: boolean;
  /** 0.24: `attempted_by` keeps the last 100 clients (PR 974). */
  attemptedByCap: boolean;
  /** 0.25: a delete of many needs a filter, or must say that all are meant (PR 1033). */
  deleteAllIsSaid: boolean;
  /** 0.26: a rescue counts in `river:rescue_count` (PR 1047). */
  rescueCounts: boolean;
  /** 0.44: a stopped attempt is given back and is no error (PR 1290). */
  interrupt: boolean;
  /** 0.48: periods are measured in UTC (PR 1377). */
  periodInUtc: boolean;
  /** 0.48: `excludeKind` with no other dimension is refused (PR 1404). */
  excludeKindAloneRefused: boolean;
}>;

const OLDEST: Edition = {
  name: "0.12",
  masks: true,
  requiredUniqueStates: false,
  cancelErrorExported: false,
  snoozeGivesAttemptBack: false,
  periodOfScheduledAt: false,
  periodicMark: false,
  lateSnoozeCounts: false,
  periodicId: false,
  attemptedByCap: false,
  deleteAllIsSaid: false,
  rescueCounts: false,
  interrupt: false,
  periodInUtc: false,
  excludeKindAloneRefused: false,
};

const CHANGES: readonly Readonly<[minor: number, change: Partial<Edition>]>[] = [
  [13, { requiredUniqueStates: true }],
  [14, { cancelErrorExported: true }],
  [16, { snoozeGivesAttemptBack: true, periodOfScheduledAt: true, periodicMark: true }],
  [18, { lateSnoozeCounts: true }],
  [24, { attemptedByCap: true, periodicId: true }],
  [25, { deleteAllIsSaid: true }],
  [26, { rescueCounts: true }],
  [44, { interrupt: true }],
  [48, { periodInUtc: true, excludeKindAloneRefused: true }],
];

/** The rules of 0.10 and 0.11, for ports that stayed there. Only insertions are judged by these: what else 0.12 changed has no switch. */
const BEFORE_MASKS: Edition = { ...OLDEST, name: "0.10", masks: false };

/** All editions of River's own versions under test, oldest first. */
export const EDITIONS: readonly Edition[] = [
  OLDEST,
  ...CHANGES.map(([minor], i) => ({
    ...OLDEST,
    ...Object.assign({}, ...CHANGES.slice(0, i + 1).map(([, change]) => change)),
    name: `0.${minor}`,
  })),
];

/** Today's rules. */
export const NEWEST: Edition = EDITIONS.at(-1) ?? OLDEST;

/** The edition that judges a version of River, such as `0.12.1`; a version without two leading numbers gets the newest. */
export function editionFor(version: string): Edition {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined || Number(major) > 0) return NEWEST;
  const known = EDITIONS.filter((edition) => Number(edition.name.slice(2)) <= Number(minor));
  return known.at(-1) ?? OLDEST;
}

/** The edition of that name, also `0.10`, which judges insertions only; undefined if there is none. */
export const editionNamed = (name: string): Edition | undefined =>
  [BEFORE_MASKS, ...EDITIONS].find((edition) => edition.name === name);
