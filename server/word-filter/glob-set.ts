import type { Steps } from '../lib/loop-share.ts'

/** A word in which `*` stands for any characters: its beginning, its end, and the parts between in order. */
interface Glob {
  first: string
  middle: string[]
  last: string
  /** Without a wildcard, the word is its beginning. */
  isWhole: boolean
  /** Minimum length of a matching word. */
  length: number
  bits: bigint
}

/** Code units per step, which take some tenths of a millisecond. */
const STEP = 20_000
/** The fixed cost of trying a word, in code units. */
const TRY = 16

/**
 * Words with wildcards, each with bits that identify it. A word of a text is only tried against those that are listed under one
 * of its characters.
 */
export class GlobSet {
  readonly #globs = new Map<string, Glob>()
  /** Each glob under one character (a UTF-16 code unit) that it requires: the one with the fewest globs when it was added. */
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

  /** The bits of all globs that match a word of a text. */
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

/** Finds the fixed parts one after another, in linear time like a plain search. */
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
