import { useEffect, useMemo } from 'react'
import type { UserSummary } from '../../shared/index.ts'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

export interface TypingNotice {
  /** For every keystroke. */
  onInput: () => void
  /** When the message is sent, and when the field is left or emptied. */
  onStop: () => void
}

export interface LiveTyping extends TypingNotice {
  /** Who else types now. */
  users: readonly UserSummary[]
}

/** Who types in a room, live, and the way to tell that the viewer does. */
export function useTyping(roomId: string): LiveTyping {
  const chat = useChat()
  const notice = useTypingNotice(roomId)
  const users = useStore(useMemo(() => chat.typing(roomId), [chat, roomId]).users)
  return useMemo(() => ({ ...notice, users }), [notice, users])
}

/** The second half alone, for the field that is written in. Whoever leaves the room types there no more. */
export function useTypingNotice(roomId: string): TypingNotice {
  const chat = useChat()
  const store = useMemo(() => chat.typing(roomId), [chat, roomId])
  useEffect(() => () => store.onStop(), [store])
  return useMemo(() => ({ onInput: () => store.onInput(), onStop: () => store.onStop() }), [store])
}
