import { useEffect, useMemo } from 'react'
import type { UserSummary } from '../../shared/index.ts'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

export interface TypingNotice {
  /** Call it for every keystroke. */
  onInput: () => void
  /** Call it when the message is sent, and when the field is left or emptied. */
  onStop: () => void
}

export interface LiveTyping extends TypingNotice {
  /** The other users who type now. */
  users: readonly UserSummary[]
}

/** The users who type in a room, live, and functions to report that the viewer types. */
export function useTyping(roomId: string): LiveTyping {
  const chat = useChat()
  const notice = useTypingNotice(roomId)
  const users = useStore(useMemo(() => chat.typing(roomId), [chat, roomId]).users)
  return useMemo(() => ({ ...notice, users }), [notice, users])
}

/** Only the functions, for the input field. Unmounting reports that the viewer has stopped typing. */
export function useTypingNotice(roomId: string): TypingNotice {
  const chat = useChat()
  const store = useMemo(() => chat.typing(roomId), [chat, roomId])
  useEffect(() => () => store.onStop(), [store])
  return useMemo(() => ({ onInput: () => store.onInput(), onStop: () => store.onStop() }), [store])
}
