const MARKS = /\p{M}+/gu
const BETWEEN_WORDS = /[\s\-_./#]+/u

/** Without case and marks: "Zoë" is found by "zoe". */
export const foldedName = (name: string): string => name.normalize('NFKD').replace(MARKS, '').toLocaleLowerCase().trim()

/**
 * How well a name answers what somebody typed, both folded: 3 where it begins so, 2 where one of its words does, 1 where it holds it
 * somewhere, 0 where it does not.
 */
export function nameMatch(name: string, typed: string): 0 | 1 | 2 | 3 {
  if (name.startsWith(typed)) return 3
  if (!name.includes(typed)) return 0
  return name.split(BETWEEN_WORDS).some((word) => word.startsWith(typed)) || name.includes(` ${typed}`) ? 2 : 1
}
