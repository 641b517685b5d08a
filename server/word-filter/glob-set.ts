import type { Steps } from '../lib/loop-share.ts'

/** A word in which `*` stands for any characters: what it begins and ends with, and what lies between, in this order. */
interface Glob {
  first: string
  middle: string[]
  last: string
  /** It holds no wildcard: it is its beginning. */
  isWhole: boolean
  /** Characters that a word has at least. */
  length: number
  bits: bigint
}

/** Code units that one step looks through: some tenths of a millisecond. */
const STEP = 20_000
/** What it costs to try a word at all, as so many code units. */
const TRY = 16

/**
 * Words with wildcards, each with bits that say what it stands for. A word of a text is tried only against those that are listed under one
 * of its characters.
 */
export class GlobSet {
  readonly #globs = new Map<string, Glob>()
  /** Each under one character (a UTF-16 code unit) that it needs: under the one with the fewest then. */
  readonly #needing = new Map<string, Glob[]>()

  has(word: string): boolean {
    return this.#globs.has(word)
  }

  add(word: string, bits: bigint): void {
    const known = this.#globs.get(word)
    if (known) {
      known.bits |= bits
      return
    }
    const glob = globOf(word, bits)
    this.#globs.set(word, glob)
    const units = word.replaceAll('*', '').split('')
    const countOf = (unit: string) => this.#needing.get(unit)?.length ?? 0
    const unit = units.reduce((fewest, each) => (countOf(each) < countOf(fewest) ? each : fewest))
    const list = this.#needing.get(unit)
    if (list) list.push(glob)
    else this.#needing.set(unit, [glob])
  }

  /** The bits of all those that a word of a text is. */
  *bitsOf(word: string): Steps<bigint> {
    let bits = 0n
    let cost = 0
    for (const unit of new Set(word.split(''))) {
      for (const glob of this.#needing.get(unit) ?? []) {
        if (isOne(word, glob)) bits |= glob.bits
        cost += TRY + word.length
        if (cost < STEP) continue
        cost = 0
        yield
      }
    }
    return bits
  }
}

function globOf(word: string, bits: bigint): Glob {
  const [first = '', ...others] = word.split('*')
  const last = others.pop()
  const length = word.replaceAll('*', '').length
  return { first, middle: others.filter(Boolean), last: last ?? '', isWhole: last === undefined, length, bits }
}

/** Looks for the fixed parts one after the other: in linear time, as looking for one text in another is. */
function isOne(word: string, { first, middle, last, isWhole, length }: Glob): boolean {
  if (word.length < length) return false
  if (isWhole) return word === first
  if (!word.startsWith(first) || !word.endsWith(last)) return false
  let at = first.length
  for (const part of middle) {
    const found = word.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return at <= word.length - last.length
}
