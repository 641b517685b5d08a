import { useChat } from '../../../client/react/react-entry.ts'
import type { Member } from '../../../shared/index.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'

/** Asks before a room gets another owner. */
export function HandOverDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const { client } = useChat()
  const { roomId, userId, user } = member
  return (
    <ConfirmDialog
      title={`Make ${user.name} the owner?`}
      action="Hand over"
      onClose={onClose}
      onConfirm={() => client.member.setRole.mutate({ roomId, userId, role: 'owner' })}
    >
      <p>
        The room will belong to <bdi>{user.name}</bdi>, and you stay as an admin. Only they can give it back.
      </p>
    </ConfirmDialog>
  )
}
