import { Fragment } from 'react'
import type { SearchSnippet } from '../../../shared/index.ts'
import { plainSnippet } from '../markdown/plain-text.ts'

/** A search result with the found words highlighted. */
export const MarkedSnippet = (snippet: SearchSnippet) =>
  plainSnippet(snippet).map(({ text, isMatch }, index) =>
    // oxlint-disable-next-line react/no-array-index-key -- a snippet that changes is another snippet
    isMatch ? <mark key={index}>{text}</mark> : <Fragment key={index}>{text}</Fragment>,
  )
