import { hash } from 'node:crypto'

/** Chance that is the same for the same seed. */
export class SeededRandom {
  #state: number

  constructor(seed: string) {
    this.#state = Number.parseInt(hash('sha256', seed, 'hex').slice(0, 8), 16)
  }

  /** From 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `min` to `max`. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(this.next() * list.length)]
    if (picked === undefined) throw new RangeError('Unable to pick; the list is empty')
    return picked
  }

  /** Rarely far above 1, mostly about it: how much busier one is than another. */
  weight(spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
    return Math.exp(normal * spread)
  }

  /** `count` different members of the list. */
  sample<T>(list: readonly T[], count: number): T[] {
    const chosen = new Set<T>()
    while (chosen.size < Math.min(count, list.length)) chosen.add(this.pick(list))
    return [...chosen]
  }

  /** A UUID of version 7 with this time in milliseconds. */
  uuid(time: number): string {
    const bits = () => Math.floor(this.next() * 0x10000)
    const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
    const stamp = hex(time, 12)
    const random = hex(0x8000 | (bits() & 0x3fff), 4)
    return `${stamp.slice(0, 8)}-${stamp.slice(8)}-${hex(0x7000 | (bits() & 0xfff), 4)}-${random}-${hex(bits(), 4)}${hex(bits(), 4)}${hex(bits(), 4)}`
  }
}
