import { useChat } from '../../../client/react/react-entry.ts'
import type { Member } from '../../../shared/index.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'

/** Asks before the ownership of a room is transferred. */
export function HandOverDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const { client } = useChat()
  const { roomId, userId, user } = member
  return (
    <ConfirmDialog
      title={`Transfer ownership to ${user.name}?`}
      action="Transfer"
      onClose={onClose}
      onConfirm={() => client.member.setRole.mutate({ roomId, userId, role: 'owner' })}
    >
      <p>
        <bdi>{user.name}</bdi> becomes the owner and you become an admin. Only they can transfer it back.
      </p>
    </ConfirmDialog>
  )
}
