import { Fragment } from 'react'
import type { SearchSnippet } from '../../../shared/index.ts'
import { plainSnippet } from '../markdown/plain-text.ts'

/** What was found, with the words that were asked for marked. */
export const MarkedSnippet = (snippet: SearchSnippet) =>
  plainSnippet(snippet).map(({ text, isMatch }, index) =>
    // oxlint-disable-next-line react/no-array-index-key -- a snippet that changes is another snippet
    isMatch ? <mark key={index}>{text}</mark> : <Fragment key={index}>{text}</Fragment>,
  )
