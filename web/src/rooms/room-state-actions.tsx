import { useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import type { Room } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { FaultLine } from '../ui/fault-line.tsx'
import { showList } from '../ui/route.ts'
import { useAttempt } from '../ui/use-attempt.ts'

interface RoomStateActionsProps {
  room: Room
  canDelete: boolean
  onDeleted: () => void
}

/** Freezes, archives and deletes a room. All but the last can be taken back. */
export function RoomStateActions({ room, canDelete, onDeleted }: RoomStateActionsProps) {
  const { client, inbox } = useChat()
  const { toasts } = useSession()
  const { isBusy, fault, attempt } = useAttempt()
  const [isAsking, setAsking] = useState(false)
  const whose = { roomId: room.id }

  const unarchive = async () => {
    await client.room.unarchive.mutate(whose)
    inbox.add(await client.room.get.query(whose))
  }
  const remove = async () => {
    await client.room.delete.mutate(whose)
    toasts.note(`“${room.name}” is deleted.`)
    onDeleted()
    showList()
  }
  const row = (says: string, text: string, work: () => Promise<unknown>) => (
    <div className="state-action">
      <span>{says}</span>
      <button type="button" className="button button-small" disabled={isBusy} onClick={() => void attempt(work)}>
        {text}
      </button>
    </div>
  )

  return (
    <section className="state-actions" aria-label="State of the room">
      {room.frozenAt
        ? row('Frozen: it can be read, but nobody can write.', 'Unfreeze', () => client.room.unfreeze.mutate(whose))
        : row('Let it be read, and nobody write.', 'Freeze', () => client.room.freeze.mutate(whose))}
      {room.archivedAt
        ? row('Archived: nothing in it can change.', 'Bring back', unarchive)
        : row('Put it away, as it is now.', 'Archive', () => client.room.archive.mutate(whose))}
      {canDelete && (
        <div className="state-action">
          <span>End it for everybody, for good.</span>
          <button type="button" className="button button-small button-danger" onClick={() => setAsking(true)}>
            Delete
          </button>
        </div>
      )}
      <FaultLine fault={fault} />
      {isAsking && (
        <ConfirmDialog title="Delete this room?" action="Delete" onConfirm={remove} onClose={() => setAsking(false)}>
          <p>
            <bdi>“{room.name}”</bdi> and all that was said in it disappear for everybody. That can’t be undone.
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}
