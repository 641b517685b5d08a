import { useCallback, useEffect, useRef } from 'react'
import { useViewer } from '../../../client/react/react-entry.ts'
import type { Message } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { type Entry, EntryMaker } from './timeline-rows.ts'

interface TakeBackOptions {
  /** The composer's place: a room's id, or `<room> <thread>`. */
  place: string
  /** The loaded messages: the quoted one may be among them. */
  messages: readonly Message[]
  /** Quotes the quoted message again; undefined if there was none, or it is not loaded. */
  quote: (answered: Entry | undefined) => void
}

/** Returns an unsent message to the composer, with its quote. Always the same function for a place. */
export function useTakeBack({ place, ...latest }: TakeBackOptions): (entry: Entry) => void {
  const { drafts } = useSession()
  const viewer = useViewer()
  const now = useRef(latest)
  useEffect(() => {
    now.current = latest
  })

  return useCallback(
    ({ content, replyToId }: Entry) => {
      const { messages, quote } = now.current
      const answered = messages.find(({ id }) => id === replyToId)
      quote(answered && new EntryMaker().entries([answered], [], viewer)[0])
      drafts.giveBack(place, content)
    },
    [drafts, place, viewer],
  )
}
