// Written by `npm run rules` from rules.md; do not edit.

/** Every rule by its id, in the order of `rules.md`. */
export const RULES = {
  "INV-1": {
    level: "river",
    harm: "twice",
    since: null,
    sentence: "At most one job per unique key is in a state of its own `unique_states`.",
    why: null,
    examples: ["0s  insert #1 unique A\n0s  insert #2 unique A\n    A #1\n"],
  },
  "INV-2": {
    level: "river",
    harm: "lost",
    since: null,
    sentence:
      "Whenever due jobs compete for a key, one of them or an outside holder has it afterwards; it never ends free.",
    why: null,
    examples: [" 0s  insert #1 unique A, due 30s\n30s  schedule\n     A #1\n"],
  },
  "INV-3": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence: "A finalized job changes only by retry, delete, clean, or a merge into its metadata.",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n0s  finish #1 complete\n1s  finish #1 error\n    #1 completed\n",
    ],
  },
  "INV-4": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "`finalized_at` is set exactly in the states cancelled, completed and discarded, and is never later than the operation's now.",
    why: null,
    examples: ["0s  insert #1\n0s  fetch 1\n2s  finish #1 complete\n    #1 finalized_at 2s\n"],
  },
  "INV-5": {
    level: "river",
    harm: "twice",
    since: null,
    sentence:
      "Each fetch adds one to `attempt`; a snooze and an interrupt give it back; nothing else touches it, and it never exceeds `max_attempts`.",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n    #1 attempt 1\n0s  finish #1 interrupt\n    #1 attempt 0\n",
    ],
  },
  "INV-6": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "`errors` has one element per failed, discarded or cancelled attempt, and none for a completed, snoozed or interrupted one.",
    why: null,
    examples: ["0s  insert #1\n0s  fetch 1\n0s  finish #1 complete\n    #1 errors []\n"],
  },
  "INV-7": {
    level: "river",
    harm: "twice",
    since: null,
    sentence: "No job starts to run before its `scheduled_at`.",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n0s  finish #1 error, again at 3s\n1s  fetch 1\n    #1 available\n3s  fetch 1\n    #1 running\n",
    ],
  },
  "INV-9": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence: "The row, flag or error that a call returns equals what was committed.",
    why: null,
    examples: ["0s  insert #1 unique A\n0s  insert #2 unique A\n    #2 duplicate of #1\n"],
  },
  "INV-10": {
    level: "river",
    harm: "lost",
    since: null,
    sentence: "An unfinished job never disappears but by a delete.",
    why: null,
    examples: ["0s  insert #1\n1h  schedule\n    #1 available\n"],
  },
  "INV-12": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence: "An operation changes no column of no job that its rules do not name.",
    why: null,
    examples: [
      "0s  insert #1\n0s  insert #2 queue other\n0s  fetch 1 from other\n    #1 available\n    #1 attempt 0\n",
    ],
  },
  "INV-13": {
    level: "river",
    harm: "stuck",
    since: null,
    sentence: "No operation lets a unique violation (SQLSTATE 23505) or a violated check escape.",
    why: null,
    examples: [
      " 0s  insert #1 unique A except retryable\n 0s  fetch 1\n 0s  finish #1 error, again at 10s\n 1s  insert #2 unique A\n10s  schedule\n     #1 discarded\n     A #2\n",
    ],
  },
  "INS-1": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence: "The results come in the order of the call, and ids rise in it.",
    why: null,
    examples: ["0s  insert #1; #2 priority 2; #3\n    #2 priority 2\n"],
  },
  "INS-2": {
    level: "river",
    harm: "lost",
    since: null,
    sentence: "A job inserted as pending is `pending`, whether or not it has a time.",
    why: null,
    examples: ["0s  insert #1 pending, due 30s\n    #1 pending\n"],
  },
  "INS-3": {
    level: "river",
    harm: "stuck",
    since: null,
    sentence: "A job inserted with a time is `scheduled`, even when that time has passed.",
    why: null,
    examples: ["10s  insert #1 due 5s\n     #1 scheduled\n"],
  },
  "INS-4": {
    level: "river",
    harm: "stuck",
    since: null,
    sentence: "Any other job is `available` at once.",
    why: null,
    examples: ["0s  insert #1\n    #1 available\n"],
  },
  "INS-5": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "A new job has attempt 0, no errors, no `attempted_at`, `attempted_by` or `finalized_at`; `created_at` is now.",
    why: null,
    examples: ["2s  insert #1\n    #1 attempt 0\n    #1 created_at 2s\n"],
  },
  "INS-6": {
    level: "river",
    harm: "lost",
    since: null,
    sentence: "`scheduled_at` is the time given, else now.",
    why: null,
    examples: ["2s  insert #1; #2 due 30s\n    #1 scheduled_at 2s\n    #2 scheduled_at 30s\n"],
  },
  "INS-7": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "What is not given is: priority 1, queue `default`, 25 attempts at most, no tags, metadata `{}`.",
    why: null,
    examples: ["0s  insert #1\n    #1 priority 1\n    #1 max_attempts 25\n    #1 queue default\n"],
  },
  "INS-8": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "Kind, args, metadata, tags, priority, queue and maximum of attempts are kept as given.",
    why: null,
    examples: [
      "0s  insert #1 priority 3, queue other, max 2\n    #1 priority 3\n    #1 queue other\n    #1 max_attempts 2\n",
    ],
  },
  "INS-9": {
    level: "river",
    harm: "lost",
    since: null,
    sentence:
      "The unique key is the SHA-256 of `&kind=` and the kind (unless excluded), then the parts of INS-10, INS-11 and INS-12 that are asked for, in this order.",
    why: null,
    examples: [
      "0s  insert #1 unique A, kind one\n0s  insert #2 unique A, kind two\n    #2 available\n",
    ],
  },
  "INS-10": {
    level: "river",
    harm: "lost",
    since: null,
    sentence:
      "By args: `&args=` and the encoded args' top-level members, sorted by the bytes of their keys, each value's text untouched, the first of repeated keys.",
    why: null,
    examples: [
      '0s  insert #1 unique by args, args {"b":1,"a":2}\n0s  insert #2 unique by args, args {"a":2,"b":1}\n    #2 duplicate of #1\n0s  insert #3 unique by args, args {"a":2,"b":2}\n    #3 available\n',
    ],
  },
  "INS-11": {
    level: "river",
    harm: "lost",
    since: null,
    sentence:
      "By period: `&period=` and the start, in UTC to the second, of the period in which `scheduled_at` lies; periods are counted from 0001-01-01T00:00:00Z.",
    why: null,
    examples: [
      " 0s  insert #1 unique by period 1h\n10s  insert #2 unique by period 1h\n     #2 duplicate of #1\n10s  insert #3 unique by period 1h, due 1h\n     #3 scheduled\n",
    ],
  },
  "INS-12": {
    level: "river",
    harm: "lost",
    since: null,
    sentence: "By queue: `&queue=` and the queue.",
    why: null,
    examples: [
      "0s  insert #1 unique by queue\n0s  insert #2 unique by queue, queue other\n    #2 available\n0s  insert #3 unique by queue\n    #3 duplicate of #1\n",
    ],
  },
  "INS-13": {
    level: "river",
    harm: "lost",
    since: null,
    sentence:
      "`unique_states` is the mask of the states asked for, else of all but cancelled and discarded.",
    why: null,
    examples: [
      "0s  insert #1 unique A\n0s  fetch 1\n0s  finish #1 complete\n0s  insert #2 unique A\n    #2 duplicate of #1\n",
    ],
  },
  "INS-14": {
    level: "river",
    harm: "lost",
    since: null,
    sentence:
      "A job holds its key while its state is in its own mask; where nobody holds the key, the job is inserted. A key without a mask holds nothing.",
    why: null,
    examples: [
      "0s  insert #1 unique A\n0s  fetch 1\n0s  finish #1 cancel\n    A free\n1s  insert #2 unique A\n    A #2\n",
    ],
  },
  "INS-15": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "Where another job holds the key nothing is inserted, no column of the holder changes, and the holder is returned, marked as a duplicate.",
    why: null,
    examples: [
      "0s  insert #1 unique A, priority 2\n1s  insert #2 unique A, priority 1\n    #2 duplicate of #1\n    #1 priority 2\n    #1 created_at 0s\n",
    ],
  },
  "INS-16": {
    level: "weir",
    harm: "lost",
    since: null,
    sentence:
      "Within one call only the first job of a key may be inserted; the others are duplicates, as of any holder.",
    why: "River's statement fails as a whole here (SQLSTATE 21000), which loses the innocent jobs of the batch too.",
    examples: [
      "0s  insert #1 unique A; #2 unique A; #3\n    #1 available\n    #2 duplicate of #1\n    #3 available\n",
    ],
  },
  "INS-17": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence: "An empty list of jobs is refused.",
    why: null,
    examples: ['0s  op {"op":"insert","jobs":[]}\n    refused invalid\n'],
  },
  "INS-18": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "A queue's name has 1 to 64 characters: lower-case letters and digits, with single `_`, `-` or `|` between; any other is refused.",
    why: null,
    examples: ["0s  insert #1 queue Not-a-queue\n    refused invalid\n"],
  },
  "INS-19": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "A tag is a letter, digit or `_`, then any of these or `-`, then a letter, digit or `_`, 3 to 255 in all; any other is refused.",
    why: null,
    examples: ['0s  insert #1 tags "-x-"\n    refused invalid\n'],
  },
  "INS-20": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence: "A priority outside 1 to 4 is refused.",
    why: null,
    examples: ["0s  insert #1 priority 5\n    refused invalid\n"],
  },
  "INS-21": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence: "A unique period under one second is refused.",
    why: null,
    examples: ["0s  insert #1 unique by period 0.5s\n    refused invalid\n"],
  },
  "INS-22": {
    level: "river",
    harm: "untrue",
    since: "0.13",
    sentence:
      "Custom unique states that lack any of available, pending, running and scheduled are refused.",
    why: null,
    examples: ["0s  insert #1 unique A except running\n    refused invalid\n"],
  },
  "INS-23": {
    level: "river",
    harm: "untrue",
    since: "0.48",
    sentence: "To exclude the kind with no other dimension is refused.",
    why: null,
    examples: ["0s  insert #1 unique by any kind\n    refused invalid\n"],
  },
  "INS-24": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "To be unique by args that are no object is refused; an empty array counts as an empty object.",
    why: null,
    examples: ["0s  insert #1 unique by args, args [1]\n    refused invalid\n"],
  },
  "INS-25": {
    level: "weir",
    harm: "untrue",
    since: null,
    sentence: "A maximum of attempts outside 1 to 32,767 is refused.",
    why: "River reads 0 as unset and cuts larger ones down to the column's range, silently.",
    examples: ["0s  insert #1 max 0\n    refused invalid\n"],
  },
  "INS-26": {
    level: "weir",
    harm: "untrue",
    since: null,
    sentence: "A kind of 0 or more than 127 characters is refused.",
    why: "River lets the table's check refuse it, as a raw database error.",
    examples: ['0s  insert #1 kind ""\n    refused invalid\n'],
  },
  "INS-27": {
    level: "weir",
    harm: "untrue",
    since: null,
    sentence: "Metadata that is no JSON object is refused.",
    why: "River stores it, and later merges misbehave.",
    examples: ["0s  insert #1 metadata []\n    refused invalid\n"],
  },
  "INS-28": {
    level: "weir",
    harm: "untrue",
    since: null,
    sentence:
      "Args or metadata that JSONB cannot hold are refused: no JSON, `\\u0000`, half of a surrogate pair, a number beyond numeric.",
    why: "River lets the database refuse it, as a raw database error.",
    examples: ['0s  insert #1 args {"a":"\\u0000"}\n    refused invalid\n'],
  },
  "FET-1": {
    level: "river",
    harm: "twice",
    since: null,
    sentence: "Only available jobs of the queue asked for are taken.",
    why: null,
    examples: [
      "0s  insert #1; #2 queue other\n0s  fetch 5 from other\n    #1 available\n    #2 running\n",
    ],
  },
  "FET-2": {
    level: "river",
    harm: "twice",
    since: null,
    sentence: "Only jobs whose `scheduled_at` is not after now are taken.",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n0s  finish #1 snooze 3s\n1s  fetch 1\n    #1 available\n3s  fetch 1\n    #1 running\n",
    ],
  },
  "FET-3": {
    level: "river",
    harm: "stuck",
    since: null,
    sentence: "At most so many as asked for are taken, by priority, then `scheduled_at`, then id.",
    why: null,
    examples: [
      "0s  insert #1 priority 2; #2; #3\n0s  fetch 2\n    #1 available\n    #2 running\n    #3 running\n",
    ],
  },
  "FET-4": {
    level: "river",
    harm: "stuck",
    since: null,
    sentence: "A job taken becomes `running`, and `attempted_at` is now.",
    why: null,
    examples: ["0s  insert #1\n4s  fetch 1\n    #1 running\n    #1 attempted_at 4s\n"],
  },
  "FET-5": {
    level: "river",
    harm: "twice",
    since: null,
    sentence: "A job taken has one attempt more.",
    why: null,
    examples: ["0s  insert #1\n0s  fetch 1\n    #1 attempt 1\n"],
  },
  "FET-6": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "The client is appended to `attempted_by`, which keeps the last 100 (from 0.24 on; before, all).",
    why: null,
    examples: ["0s  insert #1\n0s  fetch 1 by c2\n    #1 attempted_by c2\n"],
  },
  "FIN-1": {
    level: "river",
    harm: "twice",
    since: null,
    sentence: "A completed attempt makes the job `completed`, and `finalized_at` is now.",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n1s  finish #1 complete\n    #1 completed\n    #1 finalized_at 1s\n",
    ],
  },
  "FIN-2": {
    level: "river",
    harm: "lost",
    since: null,
    sentence:
      "A failed attempt with attempts left, whose retry is more than 5 s away, makes the job `retryable`, scheduled for that retry.",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n0s  finish #1 error, again at 6s\n    #1 retryable\n    #1 scheduled_at 6s\n",
    ],
  },
  "FIN-3": {
    level: "river",
    harm: "stuck",
    since: null,
    sentence:
      "A failed attempt with attempts left, whose retry is at most 5 s away, makes the job `available`, scheduled for that retry.",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n0s  finish #1 error, again at 5s\n    #1 available\n    #1 scheduled_at 5s\n",
    ],
  },
  "FIN-4": {
    level: "river",
    harm: "twice",
    since: null,
    sentence: "A failed last attempt makes the job `discarded`, and `finalized_at` is now.",
    why: null,
    examples: [
      "0s  insert #1 max 1\n0s  fetch 1\n1s  finish #1 error, again at 9s\n    #1 discarded\n    #1 finalized_at 1s\n",
    ],
  },
  "FIN-5": {
    level: "river",
    harm: "twice",
    since: null,
    sentence:
      "A discarded attempt makes the job `discarded`, whatever attempts are left, and `finalized_at` is now.",
    why: null,
    examples: ["0s  insert #1\n0s  fetch 1\n0s  finish #1 discard\n    #1 discarded\n"],
  },
  "FIN-6": {
    level: "river",
    harm: "twice",
    since: null,
    sentence:
      "A cancelled attempt makes the job `cancelled`, whatever attempts are left, and `finalized_at` is now.",
    why: null,
    examples: ["0s  insert #1\n0s  fetch 1\n0s  finish #1 cancel\n    #1 cancelled\n"],
  },
  "FIN-7": {
    level: "river",
    harm: "stuck",
    since: null,
    sentence: "A snooze of more than 5 s makes the job `scheduled` for now plus the snooze.",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n1s  finish #1 snooze 6s\n    #1 scheduled\n    #1 scheduled_at 7s\n",
    ],
  },
  "FIN-8": {
    level: "river",
    harm: "stuck",
    since: null,
    sentence:
      "A snooze of at most 5 s makes the job `available`, scheduled for now plus the snooze.",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n1s  finish #1 snooze 5s\n    #1 available\n    #1 scheduled_at 6s\n",
    ],
  },
  "FIN-9": {
    level: "river",
    harm: "lost",
    since: null,
    sentence:
      "A snooze uses up no attempt: `attempt` goes down by one (before 0.16, `max_attempts` went up by one).",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n0s  finish #1 snooze 10s\n    #1 attempt 0\n    #1 max_attempts 25\n",
    ],
  },
  "FIN-10": {
    level: "river",
    harm: "untrue",
    since: "0.16",
    sentence:
      'A snooze counts in the metadata\'s `snoozes`, on from what is there: numbers and numeric strings (also `"1e3"` and `"+5"`) cut off at the point, true is 1, anything else 0.',
    why: null,
    examples: [
      '0s  insert #1 metadata {"snoozes":"2.9"}\n0s  fetch 1\n0s  finish #1 snooze 10s\n    #1 metadata {"snoozes": 3}\n',
    ],
  },
  "FIN-11": {
    level: "river",
    harm: "lost",
    since: "0.44",
    sentence:
      "An attempt that a stopping client interrupts makes the job `available`, scheduled for now, and gives the attempt back.",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n2s  finish #1 interrupt\n    #1 available\n    #1 scheduled_at 2s\n    #1 attempt 0\n",
    ],
  },
  "FIN-12": {
    level: "river",
    harm: "twice",
    since: null,
    sentence:
      "What would run again is `cancelled` instead when the metadata has `cancel_attempted_at`: `finalized_at` is now, `attempt` and `scheduled_at` stay.",
    why: null,
    examples: [
      '0s  insert #1 metadata {"cancel_attempted_at":"2030-01-01T00:00:00Z"}\n0s  fetch 1\n1s  finish #1 error, again at 2s\n    #1 cancelled\n    #1 attempt 1\n    #1 scheduled_at 0s\n',
    ],
  },
  "FIN-13": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "A failed, discarded or cancelled attempt adds one element to `errors`: when the attempt started, its number, the message, and an empty trace.",
    why: null,
    examples: [
      '0s  insert #1\n1s  fetch 1\n2s  finish #1 error, again at 9s, saying "no"\n    #1 errors [{"at":"1s","attempt":1,"error":"no","trace":""}]\n',
    ],
  },
  "FIN-14": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "Metadata updates that come with an outcome are merged at the top level: whole members are replaced.",
    why: null,
    examples: [
      '0s  insert #1 metadata {"a":{"x":1},"b":2}\n0s  fetch 1\n0s  finish #1 complete, merging {"a":{"y":3}}\n    #1 metadata {"a": {"y": 3}, "b": 2}\n',
    ],
  },
  "FIN-15": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "The result of a fetch whose job is no longer running changes nothing but the metadata.",
    why: null,
    examples: [
      '0s  insert #1\n0s  fetch 1\n0s  finish #1 complete\n1s  finish #1 cancel, merging {"late":true}\n    #1 completed\n    #1 finalized_at 0s\n    #1 metadata {"late": true}\n',
    ],
  },
  "FIN-16": {
    level: "weir",
    harm: "twice",
    since: null,
    sentence:
      "The result of another fetch than the job's latest changes nothing: attempt and `attempted_at` must both be those of the fetch.",
    why: "River lets a late result of one attempt end the next. A snooze gives the number back, so the number alone would not tell two fetches apart.",
    examples: [
      "0s  insert #1\n0s  fetch 1\n0s  finish #1 error, again at 1s\n1s  fetch 1\n2s  finish #1 complete, of fetch 1\n    #1 running\n",
    ],
  },
  "FIN-17": {
    level: "river",
    harm: "twice",
    since: null,
    sentence: "A negative snooze is refused, and nothing changes.",
    why: null,
    examples: [
      "0s  insert #1\n0s  fetch 1\n0s  finish #1 snooze -10s\n    refused invalid\n    #1 running\n",
    ],
  },
  "FIN-18": {
    level: "weir",
    harm: "twice",
    since: null,
    sentence: "The result of a job that was never fetched changes nothing.",
    why: "River merges the metadata updates all the same.",
    examples: [
      '0s  insert #1\n0s  finish #1 complete, merging {"a":1}\n    #1 available\n    #1 metadata {}\n',
    ],
  },
  "FIN-19": {
    level: "weir",
    harm: "untrue",
    since: null,
    sentence: "Metadata updates that are no JSON object are refused, and nothing changes.",
    why: "River's clients can only send an object, so it has no rule.",
    examples: [
      "0s  insert #1\n0s  fetch 1\n0s  finish #1 complete, merging [1]\n    refused invalid\n    #1 running\n",
    ],
  },
  "FIN-20": {
    level: "river",
    harm: "stuck",
    since: null,
    sentence:
      "With no time of its own, the retry after the n-th error is n⁴ seconds away, give or take a tenth, and at most 2⁶³ − 1 nanoseconds.",
    why: null,
    examples: ["0s  insert #1\n0s  fetch 1\n0s  finish #1 error\n    #1 available\n"],
  },
  "FIN-21": {
    level: "river",
    harm: "twice",
    since: null,
    sentence: "A retry asked for in the past falls back to FIN-20.",
    why: null,
    examples: ["0s  insert #1\n9s  fetch 1\n9s  finish #1 error, again at 5s\n    #1 available\n"],
  },
  "SCH-1": {
    level: "river",
    harm: "twice",
    since: null,
    sentence:
      "A job is due when it is scheduled or retryable and its `scheduled_at` is not after the horizon; no other is touched.",
    why: null,
    examples: [
      " 0s  insert #1 due 30s\n29s  schedule\n     #1 scheduled\n29s  schedule up to 30s\n     #1 available\n",
    ],
  },
  "SCH-2": {
    level: "river",
    harm: "stuck",
    since: null,
    sentence:
      "At most so many due jobs as asked for are taken, by priority, then `scheduled_at`, then id.",
    why: null,
    examples: [
      " 0s  insert #1 due 5s, priority 2; #2 due 6s; #3 due 5s\n10s  schedule 1\n     #1 scheduled\n     #2 scheduled\n     #3 available\n",
    ],
  },
  "SCH-3": {
    level: "river",
    harm: "lost",
    since: null,
    sentence: "A due job becomes `available` when no other job holds its key or is due with it.",
    why: null,
    examples: [
      " 0s  insert #1 unique A, due 30s\n30s  schedule\n     #1 available SCH-3\n     A #1\n",
    ],
  },
  "SCH-4": {
    level: "river",
    harm: "twice",
    since: null,
    sentence: "A due job whose key another job holds becomes `discarded`.",
    why: null,
    examples: [
      " 0s  insert #1 unique A except retryable\n 0s  fetch 1\n 0s  finish #1 error, again at 10s\n     A free\n 1s  insert #2 unique A\n10s  schedule\n     #1 discarded SCH-4\n     A #2\n",
    ],
  },
  "SCH-5": {
    level: "river",
    harm: "lost",
    since: null,
    sentence:
      "A due job that holds its key itself becomes `available`, whatever its place among the due rivals.",
    why: null,
    examples: [
      " 0s  insert #1 unique A except retryable\n 0s  fetch 1\n 0s  finish #1 error, again at 10s\n 1s  insert #2 unique A, due 11s\n12s  schedule\n     #1 discarded\n     #2 available SCH-5\n     A #2\n",
    ],
  },
  "SCH-6": {
    level: "river",
    harm: "lost",
    since: null,
    sentence:
      "Where nobody holds a key and several due jobs compete for it, the first becomes `available`.",
    why: null,
    examples: [
      " 0s  insert #1 unique A except retryable\n 0s  fetch 1\n 0s  finish #1 error, again at 10s\n 1s  insert #2 unique A except retryable\n 1s  fetch 1\n 1s  finish #2 error, again at 12s\n12s  schedule\n     #1 available SCH-6\n     #2 discarded\n     A #1\n",
    ],
  },
  "SCH-7": {
    level: "river",
    harm: "stuck",
    since: null,
    sentence: "A due job without a key, or without a mask, becomes `available`.",
    why: null,
    examples: [" 0s  insert #1 due 30s\n30s  schedule\n     #1 available\n"],
  },
  "SCH-8": {
    level: "river",
    harm: "untrue",
    since: null,
    sentence:
      "A job discarded by the scheduler has `finalized_at` now, and its metadata says `unique_key_conflict`: `scheduler_discarded`.",
    why: null,
    examples: [
      ' 0s  insert #1 unique A except retryable\n 0s  fetch 1\n 0s  finish #1 error, again at 10s\n 1s  insert #2 unique A\n11s  schedule\n     #1 finalized_at 11s\n     #1 metadata {"unique_key_conflict": "scheduler_discarded"}\n',
    ],
  },
  "SCH-9": {
    level: "weir",
    harm: "stuck",
    since: null,
    sentence:
      "A job discarded by the scheduler whose own mask has discarded loses that bit, for it would hold a key that is taken.",
    why: "River's statement meets its own unique index here and schedules nobody.",
    examples: [
      " 0s  insert #1 unique A in available discarded pending running scheduled\n 0s  fetch 1\n 0s  finish #1 error, again at 10s\n 1s  insert #2 unique A\n10s  schedule\n     #1 discarded\n     A #2\n     #1 unique_states 11010001\n",
    ],
  },
} as const;

/** The id of a rule. */
export type RuleId = keyof typeof RULES;
