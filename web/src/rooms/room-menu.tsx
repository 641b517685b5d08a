import { useChat, useInbox, useViewer } from '../../../client/react/react-entry.ts'
import type { RoomSettings } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { ContextMenu } from '../ui/context-menu.tsx'
import { copyTold } from '../ui/copy-told.ts'
import type { MenuChoice } from '../ui/menu.tsx'
import { fullAddress, roomHref } from '../ui/route.ts'
import type { Anchor } from '../ui/use-popup.ts'
import { isRoomMuted, roomTitle } from './room-title.ts'
import { useOwnSettings } from './use-own-settings.ts'

interface RoomMenuProps {
  roomId: string
  anchor: Anchor
  /** Asks whether to leave the room with this title. */
  onLeave: (roomId: string, title: string) => void
  onClose: () => void
}

/** The viewer's actions on a room in the list. */
export function RoomMenu({ roomId, anchor, onLeave, onClose }: RoomMenuProps) {
  const { client } = useChat()
  const viewer = useViewer()
  const { toasts } = useSession()
  const { entries, inbox } = useInbox()
  const settle = useOwnSettings()
  const room = entries.find((entry) => entry.room.id === roomId)?.room
  if (!room) return null
  const title = roomTitle(room, [], viewer.id)

  const { isPinned } = room.viewer.settings
  const isMuted = isRoomMuted(room.viewer)
  const isDirect = room.kind === 'direct'
  const counts = inbox.rooms.find((each) => each.roomId === roomId)
  const run = (work: Promise<unknown>) => void work.catch((error: unknown) => toasts.fault(error))
  const set = (fields: Partial<RoomSettings>) => settle(roomId, fields)()
  const hide = async () => {
    await set({ isHidden: true })
    toasts.note(`“${title}” is hidden until the next message.`, {
      text: 'Undo',
      run: () => run(set({ isHidden: false })),
    })
  }

  const choices: (MenuChoice | false)[] = [
    counts !== undefined &&
      counts.unread > 0 && {
        icon: 'check',
        text: 'Mark as read',
        onChoose: () => run(client.receipt.read.mutate({ roomId, seq: counts.lastSeq })),
      },
    {
      icon: 'pin',
      text: isPinned ? 'Unpin' : 'Pin to top',
      onChoose: () => run(set({ isPinned: !isPinned })),
    },
    {
      icon: isMuted ? 'bell' : 'bell-off',
      text: isMuted ? 'Unmute notifications' : 'Mute notifications',
      onChoose: () => run(set({ notifications: isMuted ? 'all' : 'none' })),
    },
    { icon: 'hide', text: isDirect ? 'Hide conversation' : 'Hide room', onChoose: () => run(hide()) },
    {
      icon: 'link',
      text: 'Copy link',
      onChoose: () => void copyTold(toasts, fullAddress(roomHref(roomId)), 'Link copied.'),
    },
    !isDirect && { icon: 'leave', text: 'Leave room…', isDanger: true, onChoose: () => onLeave(roomId, title) },
  ]
  return (
    <ContextMenu
      label={`Actions for ${title}`}
      anchor={anchor}
      choices={choices.filter((choice) => choice !== false)}
      onClose={onClose}
    />
  )
}
