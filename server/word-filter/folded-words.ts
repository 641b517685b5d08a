import type { Steps } from '../lib/loop-share.ts'

/*
 * A text as filters compare it: as words, each as a reader sees it. Case, compatibility forms, the order of marks and invisible
 * characters make no difference. Comparing the results of NFKD and a case fold is equivalent to comparing those of NFKC and the
 * fold. NFKD splits a text into independent clusters (a character and its marks), which lets each word keep its position in the
 * original text.
 */

export interface FoldedWord {
  text: string
  /** The range in the original text: [start, end). */
  start: number
  end: number
}

/**
 * Zero-width, joining, bidi and other format characters, variation selectors, fillers and controls, all of which are invisible.
 */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/u
const MARK = /\p{M}/u
const IN_WORD = /[\p{L}\p{N}\p{M}]/u
const SYMBOL = /\p{S}/u
/** Not `\s`, which treats U+FEFF as a space although it is invisible. */
const SPACE = /\p{White_Space}/u

/**
 * The folded form of a character and its marks; a symbol that stands for a whole phrase stays as it is. The capital sharp s is
 * its own upper case, and only becomes SS by way of the small one.
 */
function fold(cluster: string): string {
  const inOneCase = cluster.normalize('NFKD').toLowerCase().toUpperCase().toLowerCase()
  const folded = inOneCase.normalize('NFKD').replaceAll('ς', 'σ')
  return folded.length > cluster.length * MAX_GROWTH ? cluster : folded
}

const MAX_GROWTH = 8

type Kind = 'word' | 'symbol' | 'gap'

function kindOf(char: string): Kind {
  if (IN_WORD.test(char)) return 'word'
  return SYMBOL.test(char) ? 'symbol' : 'gap'
}

/**
 * The words of a text in order: runs of letters, digits and marks, and each symbol (`$`, an emoji) by itself. In a pattern `*` is
 * part of a word.
 */
export function* foldedWords(text: string, { isPattern = false } = {}): Steps<FoldedWord[]> {
  const words: FoldedWord[] = []
  const kinds = new Map<string, Kind>()
  const foldedClusters = new Map<string, string>()
  let open: FoldedWord | undefined

  const take = (char: string, start: number, end: number) => {
    let kind = kinds.get(char)
    if (!kind) kinds.set(char, (kind = isPattern && char === '*' ? 'word' : kindOf(char)))
    if (kind === 'word' && open) {
      open.text += char
      open.end = end
    } else if (kind === 'gap') {
      open = undefined
    } else {
      const word = { text: char, start, end }
      words.push(word)
      open = kind === 'word' ? word : undefined
    }
  }

  let steppedAt = 0
  for (const { cluster, start, end } of clustersOf(text)) {
    let folded = foldedClusters.get(cluster)
    if (folded === undefined) foldedClusters.set(cluster, (folded = fold(cluster)))
    for (const char of folded) take(char, start, end)
    if (end - steppedAt < STEP) continue
    steppedAt = end
    yield
  }
  return words
}

/** Code units of a text per step. */
const STEP = 200
/**
 * Bound on marks per cluster; further marks start another cluster with an order of its own. (This is the bound of Unicode's
 * Stream-Safe Text Format: sorting marks takes time quadratic in their number.)
 */
const MAX_MARKS = 30

/** Each visible character with the marks that follow it, up to MAX_MARKS. */
function* clustersOf(text: string) {
  let cluster = ''
  let marks = 0
  let start = 0
  let end = 0
  let at = 0
  for (const char of text) {
    const from = at
    at += char.length
    const isPlain = char >= ' ' && char <= '~'
    if (!isPlain && UNSEEN.test(char) && !SPACE.test(char)) continue
    if (cluster && !isPlain && marks < MAX_MARKS && MARK.test(char)) {
      marks++
      cluster += char
      end = at
      continue
    }
    if (cluster) yield { cluster, start, end }
    cluster = char
    marks = 0
    start = from
    end = at
  }
  if (cluster) yield { cluster, start, end }
}
