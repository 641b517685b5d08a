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

/** Freezes, archives and deletes a room. All except the last can be undone. */
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
        ? row('This room is read-only. Nobody can send messages.', 'Turn off read-only', () =>
            client.room.unfreeze.mutate(whose),
          )
        : row('Everyone can still read, but nobody can send messages.', 'Make read-only', () =>
            client.room.freeze.mutate(whose),
          )}
      {room.archivedAt
        ? row('This room is archived. Nothing in it can be changed.', 'Unarchive', unarchive)
        : row('Removes the room from everyone’s list. Nothing in it can be changed.', 'Archive', () =>
            client.room.archive.mutate(whose),
          )}
      {canDelete && (
        <div className="state-action">
          <span>Deletes the room and its messages for everyone.</span>
          <button type="button" className="button button-small button-danger" onClick={() => setAsking(true)}>
            Delete permanently
          </button>
        </div>
      )}
      <FaultLine fault={fault} />
      {isAsking && (
        <ConfirmDialog
          title="Delete this room permanently?"
          action="Delete permanently"
          onConfirm={remove}
          onClose={() => setAsking(false)}
        >
          <p>
            <bdi>“{room.name}”</bdi> and all its messages are deleted for everyone. This can’t be undone.
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}
