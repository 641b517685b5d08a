import { useState } from 'react'

/** An unfinished word without its mark: the mark's position, and the text after it. */
export interface TextToken {
  at: number
  query: string
}

interface TypedToken {
  /** The token that ends at the caret, unless it was closed. */
  token: TextToken | undefined
  caret: number
  /** For every change of the caret. */
  onCaret: (caret: number) => void
  /** Closes the list for this token. */
  close: () => void
}

/** Follows the caret of a field, and finds the unfinished word that can be completed. */
export function useTypedToken(
  text: string,
  tokenAt: (text: string, caret: number) => TextToken | undefined,
): TypedToken {
  const [caret, setCaret] = useState(-1)
  const [closedAt, setClosedAt] = useState(-1)
  const found = caret < 0 ? undefined : tokenAt(text, caret)

  const onCaret = (next: number) => {
    setCaret(next)
    if (tokenAt(text, next)?.at !== closedAt) setClosedAt(-1)
  }

  return {
    token: found?.at === closedAt ? undefined : found,
    caret,
    onCaret,
    close: () => setClosedAt(found?.at ?? -1),
  }
}
