/** What a value costs beside its text: its name, quotes and commas, and the work of reading and writing it. */
const BYTES_OF_VALUE = 16

/**
 * About how many bytes an answer has as JSON: near enough to charge for it. Answers are the server's own values, which are not
 * deep.
 */
export function answerSize(value: unknown): number {
  if (typeof value === 'string') return BYTES_OF_VALUE + value.length
  if (typeof value !== 'object' || value === null || value instanceof Date) return BYTES_OF_VALUE
  let size = BYTES_OF_VALUE
  for (const part of Array.isArray(value) ? value : Object.values(value)) size += answerSize(part)
  return size
}
