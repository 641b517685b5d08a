import { useChat } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { showList, useOpenRoomId } from '../ui/route.ts'

/** Asks, leaves the room, and goes back to the list if the room is open. */
export function LeaveDialog({ roomId, title, onClose }: { roomId: string; title: string; onClose: () => void }) {
  const { client } = useChat()
  const { toasts } = useSession()
  const openRoomId = useOpenRoomId()

  const leave = async () => {
    await client.room.leave.mutate({ roomId })
    toasts.note(`You left “${title}”.`)
    if (roomId === openRoomId) showList()
  }

  return (
    <ConfirmDialog title="Leave this room?" action="Leave" onClose={onClose} onConfirm={leave}>
      <p>
        You will no longer receive messages from <bdi>“{title}”</bdi>.
      </p>
    </ConfirmDialog>
  )
}
