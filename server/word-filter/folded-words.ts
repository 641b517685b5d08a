import type { Steps } from '../lib/loop-share.ts'

/*
 * A text as a filter compares it: by words, each as a reader sees it. Case, compatibility forms and the order of marks make no
 * difference, invisible characters none either. Comparing what NFKD and a case fold give is comparing what NFKC and the fold give; and
 * NFKD takes a text apart in clusters (a character and its marks) that don't depend on each other, so that each word keeps its place in
 * the text as it was written.
 */

export interface FoldedWord {
  text: string
  /** Where it stands in the text as written: [start, end). */
  start: number
  end: number
}

/** Zero-width, joining, bidi and other format characters, variation selectors, fillers, controls: none of them is seen. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/u
const MARK = /\p{M}/u
const IN_WORD = /[\p{L}\p{N}\p{M}]/u
const SYMBOL = /\p{S}/u
/** Not `\s`, which takes U+FEFF for a space: that one is not seen. */
const SPACE = /\p{White_Space}/u

/**
 * What a character and its marks come to; a symbol that stands for a whole phrase is left as it is. The capital sharp s is its own upper
 * case, and becomes SS only by way of the small one.
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
 * The words of a text in order: stretches of letters, digits and marks; and each symbol (`$`, an emoji) by itself. In a pattern `*` is part
 * of a word.
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

/** Code units of a text that one step takes in. */
const STEP = 200
/**
 * Marks of a cluster; what follows is taken for another one, in its own order. (The bound of Unicode's Stream-Safe Text Format: putting
 * marks in order takes the square of their number.)
 */
const MAX_MARKS = 30

/** Each character that is seen, with the marks that follow it, up to so many. */
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
