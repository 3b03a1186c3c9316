import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Edition } from "../spec/model/edition.ts";
import type { Law } from "../spec/model/effect.ts";
import { ORIGIN } from "./adapter.ts";

/** What the model needs to judge by the rules of `edition`. */
export const lawOf = (edition: Edition): Law => ({
  edition,
  sha256: (text) => bytesToHex(sha256(utf8ToBytes(text))),
  origin: ORIGIN,
});
