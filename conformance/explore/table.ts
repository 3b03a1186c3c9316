/** A set of rows of `width` integers, numbered in order of arrival: an open-addressing hash table on typed arrays. */
export class StateTable {
  readonly width: number;
  size = 0;
  #rows: Uint32Array;
  #slots: Int32Array;

  constructor(width: number) {
    this.width = width;
    this.#rows = new Uint32Array(1024 * width);
    this.#slots = new Int32Array(4096).fill(-1);
  }

  /** The row's number if it is new; else -1. */
  add(row: Uint32Array): number {
    if (this.size * 2 >= this.#slots.length) this.#grow();
    const slot = this.#find(row);
    if ((this.#slots[slot] ?? -1) >= 0) return -1;
    const index = this.size;
    if ((index + 1) * this.width > this.#rows.length) {
      const rows = new Uint32Array(this.#rows.length * 2);
      rows.set(this.#rows);
      this.#rows = rows;
    }
    this.#rows.set(row, index * this.width);
    this.#slots[slot] = index;
    this.size = index + 1;
    return index;
  }

  /** The number of a row; -1 if it was never added. */
  indexOf(row: Uint32Array): number {
    return this.#slots[this.#find(row)] ?? -1;
  }

  /** The row of a number, as a view that must not be written to. */
  at(index: number): Uint32Array {
    return this.#rows.subarray(index * this.width, (index + 1) * this.width);
  }

  #find(row: Uint32Array): number {
    const mask = this.#slots.length - 1;
    let slot = hash(row) & mask;
    for (;;) {
      const index = this.#slots[slot] ?? -1;
      if (index < 0 || this.#isAt(index, row)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isAt(index: number, row: Uint32Array): boolean {
    const start = index * this.width;
    for (let i = 0; i < this.width; i++) if (this.#rows[start + i] !== row[i]) return false;
    return true;
  }

  #grow(): void {
    const { size } = this;
    this.#slots = new Int32Array(this.#slots.length * 4).fill(-1);
    for (let i = 0; i < size; i++) this.#slots[this.#find(this.at(i))] = i;
  }
}

/** FNV-1a over 32-bit words, with a last stir for the low bits. */
function hash(row: Uint32Array): number {
  let value = 0x811c9dc5;
  for (const word of row) value = Math.imul(value ^ word, 0x01000193);
  value ^= value >>> 15;
  return Math.imul(value, 0x2c1b3c6d) >>> 8;
}
