import { useState } from 'react'

/** A word that is being written, without the mark that it begins with: where that stands, and what follows it so far. */
export interface TextToken {
  at: number
  query: string
}

interface TypedToken {
  /** The one that ends at the caret, unless it was closed. */
  token: TextToken | undefined
  caret: number
  /** For every change of the caret. */
  onCaret: (caret: number) => void
  /** Offers no more for this one. */
  close: () => void
}

/** Follows the caret of a field, and says what is being written there that can be completed. */
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
