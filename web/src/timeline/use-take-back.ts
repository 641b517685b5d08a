import { useCallback, useEffect, useRef } from 'react'
import { useViewer } from '../../../client/react/react-entry.ts'
import type { Message } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { type Entry, EntryMaker } from './timeline-rows.ts'

interface TakeBackOptions {
  /** Of the composer: a room's id, or `<room> <thread>`. */
  place: string
  /** The messages that are loaded: what was answered may be among them. */
  messages: readonly Message[]
  /** Quotes what was answered; undefined where nothing was, or it is not loaded. */
  quote: (answered: Entry | undefined) => void
}

/** Puts a message that could not be sent back into the composer, with what it quotes. Always the same function for a place. */
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
