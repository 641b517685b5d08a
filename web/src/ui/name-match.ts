const MARKS = /\p{M}+/gu
const BETWEEN_WORDS = /[\s\-_./#]+/u

/** Folds case and marks: "zoe" finds "Zoë". */
export const foldedName = (name: string): string => name.normalize('NFKD').replace(MARKS, '').toLocaleLowerCase().trim()

/**
 * How well a name matches the typed text, both folded: 3 if it begins with it, 2 if one of its words does, 1 if it contains it,
 * 0 otherwise.
 */
export function nameMatch(name: string, typed: string): 0 | 1 | 2 | 3 {
  if (name.startsWith(typed)) return 3
  if (!name.includes(typed)) return 0
  return name.split(BETWEEN_WORDS).some((word) => word.startsWith(typed)) || name.includes(` ${typed}`) ? 2 : 1
}
