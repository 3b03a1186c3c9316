import { fileURLToPath } from "node:url";
import type { FailureKind } from "../../protocol/failure.ts";

/** An adapter that must never pass, written to test the suite. */
export type Liar = Readonly<{
  name: string;
  /** What gives it away before a single operation is compared; null if only the comparison can. */
  kind: FailureKind | null;
}>;

/** All liars, by what they do wrong. */
export const LIARS: readonly Liar[] = [
  { name: "exit-at-start", kind: "exited" },
  { name: "crashing", kind: "exited" },
  { name: "killed", kind: "signalled" },
  { name: "hang", kind: "hung" },
  { name: "slow", kind: "hung" },
  { name: "garbage", kind: "malformed_line" },
  { name: "null", kind: "invalid_message" },
  { name: "answers-twice", kind: "second_reply" },
  { name: "echo", kind: "wrong_protocol" },
  { name: "future-protocol", kind: "wrong_protocol" },
  { name: "wrong-nonce", kind: "wrong_nonce" },
  { name: "skip-everything", kind: "nothing_to_check" },
  { name: "skip-quietly", kind: "claim_not_kept" },
  { name: "lying-capability", kind: "claim_not_kept" },
  { name: "wrong-schema", kind: "wrong_schema" },
  { name: "keeps-jobs", kind: "not_empty" },
  { name: "constant", kind: null },
  { name: "misreports", kind: null },
];

/** The program and the arguments that start a liar. */
export function liarCommand(name: string): readonly string[] {
  return [process.execPath, fileURLToPath(new URL(`./${name}.mjs`, import.meta.url))];
}
