import { useEffect, useState } from 'react'
import { useChat, useSelected } from '../../../client/react/react-entry.ts'
import type { MemberRole, Message, RoomState } from '../../../shared/index.ts'

/** When slow mode allows the viewer's next message, in milliseconds since 1970; 0 if it does not apply. */
export function useSlowMode({ room, messages }: RoomState, role: MemberRole | undefined): number {
  const chat = useChat()
  const viewerId = chat.viewer.id
  const [sentAt, setSentAt] = useState(() => timeOf(messages.findLast(({ senderId }) => senderId === viewerId)))
  useEffect(
    () =>
      chat.onNews((news) => {
        if (news.of !== 'room' || news.roomId !== room.id || news.event.type !== 'message.created') return
        const { message } = news.event
        // Replies in threads count too. The room's state does not contain them.
        if (message.senderId === viewerId) setSentAt((last) => Math.max(last, timeOf(message)))
      }),
    [chat, room.id, viewerId],
  )
  // For messages sent elsewhere, or with a wrong clock, the server names the time when it refuses a message.
  const heldUntil = useSelected(chat.outbox.entries, (entries) =>
    Math.max(0, ...entries.filter(({ roomId }) => roomId === room.id).map((entry) => entry.heldUntil)),
  )
  if (role !== 'member' || room.slowModeSeconds === 0) return 0
  return Math.max(heldUntil, sentAt > 0 ? sentAt + room.slowModeSeconds * 1_000 : 0)
}

/** A browser's clock that is behind must not make the wait longer than slow mode is. */
const timeOf = (message: Message | undefined) => (message ? Math.min(message.createdAt.getTime(), Date.now()) : 0)
