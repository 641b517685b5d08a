import { Fragment } from 'react'
import type { SearchSnippet } from '../../../shared/index.ts'
import { safeText } from '../markdown/safe-text.ts'

/** What was found, with the words that were asked for marked. */
export function MarkedSnippet({ text, matches }: SearchSnippet) {
  const ends = matches.map(([start, length]) => start + length)
  return (
    <>
      {matches.map(([start, length], index) => (
        <Fragment key={start}>
          {safeText(text.slice(ends[index - 1] ?? 0, start))}
          <mark>{safeText(text.slice(start, start + length))}</mark>
        </Fragment>
      ))}
      {safeText(text.slice(ends.at(-1) ?? 0))}
    </>
  )
}
