// A player's own rank from the one shared table: the twin of quizcore/domain/ranks.py, where the bytes are described.

/** 1 + the number of players with a higher score. */
export function rankIn(table: Uint8Array, score: number): number {
  let rank = 1;
  let found: number | null = null;
  const numbers = read(table);
  for (;;) {
    const step = numbers.next();
    const count = numbers.next();
    if (step.done || count.done) return rank;
    found = found === null ? step.value : found - step.value;
    if (found <= score) return rank;
    rank += count.value;
  }
}

/** Unsigned LEB128. Multiplied, not shifted: JavaScript shifts 32 bits, and scores may be larger. */
function* read(table: Uint8Array): Generator<number, void> {
  let number = 0;
  let weight = 1;
  for (const byte of table) {
    number += (byte & 0x7f) * weight;
    weight *= 128;
    if (byte < 0x80) {
      yield number;
      number = 0;
      weight = 1;
    }
  }
}
