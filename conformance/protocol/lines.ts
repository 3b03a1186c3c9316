import { Buffer } from "node:buffer";

/** Why bytes could not be taken as a line of text. */
export type LineFault = "not_utf8" | "too_long";

/** What becomes of the lines. After a fault nothing more is reported. */
export type LineSink = Readonly<{
  line(text: string): void;
  fault(fault: LineFault): void;
}>;

const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into lines of UTF-8, however the chunks fall. `rest` is the number of bytes after the last newline:
 * more than none at the end of the stream means that a line was cut short.
 */
export class LineSplitter {
  readonly #sink: LineSink;
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #pending: Buffer[] = [];
  #faulty = false;
  /** Bytes of the line that has no end yet. */
  rest = 0;

  constructor(maxBytes: number, sink: LineSink) {
    this.#maxBytes = maxBytes;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let from = 0;
    while (!this.#faulty) {
      const end = chunk.indexOf(NEWLINE, from);
      this.#keep(chunk.subarray(from, end === -1 ? chunk.length : end));
      if (end === -1 || this.#faulty) return;
      this.#finish();
      from = end + 1;
    }
  }

  #keep(piece: Buffer): void {
    this.rest += piece.length;
    if (this.rest > this.#maxBytes) this.#fail("too_long");
    else if (piece.length > 0) this.#pending.push(piece);
  }

  #finish(): void {
    const bytes = this.#pending.length === 1 ? this.#pending[0] : Buffer.concat(this.#pending);
    this.#pending = [];
    this.rest = 0;
    let text: string;
    try {
      text = this.#decoder.decode(bytes);
    } catch {
      this.#fail("not_utf8");
      return;
    }
    this.#sink.line(text);
  }

  #fail(fault: LineFault): void {
    this.#faulty = true;
    this.#pending = [];
    this.#sink.fault(fault);
  }
}
