import type { Labels } from "./labels.ts";

// FNV-1a with 64 bits: offset basis 0xcbf29ce484222325, prime 0x100000001b3.
const OFFSET = [0xcbf2, 0x9ce4, 0x8422, 0x2325] as const;
const SEPARATOR = 0xff;
const encoder = new TextEncoder();

/**
 * The fingerprint of a label set, as Prometheus and Alertmanager compute it: FNV-1a of the names in order, each with its value.
 * @returns sixteen hexadecimal digits
 */
export function fingerprintOf(labels: Labels): string {
  const hash = new Fnv64();
  for (const name of Object.keys(labels).sort(byCodePoint)) {
    hash.add(name);
    hash.add(labels[name] ?? "");
  }
  return hash.digest();
}

/** Two texts in the order of Go, which compares bytes of UTF-8: that is the order of code points, not of UTF-16 units. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    // A surrogate stands for a code point above every other unit.
    const [isHighX, isHighY] = [x >= 0xd800 && x <= 0xdfff, y >= 0xd800 && y <= 0xdfff];
    return isHighX === isHighY ? x - y : isHighX ? 1 : -1;
  }
  return a.length - b.length;
}

/** The 64 bits are four numbers of 16, so that no product leaves what a double holds exactly. */
class Fnv64 {
  #a: number = OFFSET[0];
  #b: number = OFFSET[1];
  #c: number = OFFSET[2];
  #d: number = OFFSET[3];

  add(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) {
        this.#byte(unit);
        continue;
      }
      for (const byte of encoder.encode(text.slice(i))) this.#byte(byte);
      break;
    }
    this.#byte(SEPARATOR);
  }

  digest(): string {
    return [this.#a, this.#b, this.#c, this.#d].map((part) => part.toString(16).padStart(4, "0")).join("");
  }

  /** Times 2^40 + 0x1b3, modulo 2^64. */
  #byte(byte: number): void {
    const low = this.#d ^ byte;
    const d = low * 0x1b3;
    const c = this.#c * 0x1b3 + Math.floor(d / 0x10000);
    // 2^40 moves everything two parts and eight bits up.
    const b = this.#b * 0x1b3 + low * 0x100 + Math.floor(c / 0x10000);
    const a = this.#a * 0x1b3 + this.#c * 0x100 + Math.floor(b / 0x10000);
    this.#d = d & 0xffff;
    this.#c = c & 0xffff;
    this.#b = b & 0xffff;
    this.#a = a & 0xffff;
  }
}
