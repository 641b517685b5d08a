import { useMemo, useState } from 'react'
import type { RoomState } from '../../../shared/index.ts'
import { MemberPanel } from '../people/member-panel.tsx'
import { may } from '../people/member-rights.ts'
import { useSession } from '../session/session-context.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { clockTime } from '../ui/times.ts'
import { Composer } from './composer.tsx'
import type { MessageActs } from './message-row.tsx'
import type { OlderPhase } from './older-messages.ts'
import type { OpenRoom } from './open-room.ts'
import { RoomHeader } from './room-header.tsx'
import { Timeline } from './timeline.tsx'
import type { Entry } from './timeline-rows.ts'
import { TypingLine } from './typing-line.tsx'

interface ConversationProps {
  open: OpenRoom
  state: RoomState
  older: OlderPhase
  title: string
}

/** A room that is loaded: its head, its timeline, the composer, and the members beside it. */
export function Conversation({ open, state, older, title }: ConversationProps) {
  const { client, outbox, viewer, rooms } = useSession()
  const { room, members, messages } = state
  const [isPanelOpen, setPanelOpen] = useState(false)
  const [editedId, setEditedId] = useState<string>()
  const [removed, setRemoved] = useState<Entry>()

  const self = members.find(({ userId }) => userId === viewer.id)
  const viewerRole = self?.role ?? rooms.entryOf(room.id)?.room.viewer.role
  const edited = messages.find(({ id, deletedAt }) => id === editedId && !deletedAt)

  const acts = useMemo<MessageActs>(
    () => ({
      edit: ({ message }) => setEditedId(message?.id),
      remove: setRemoved,
      retry: ({ clientId }) => outbox.retry(clientId),
      discard: ({ clientId }) => outbox.discard(clientId),
    }),
    [outbox],
  )

  const editLast = () =>
    setEditedId(
      messages.findLast(({ senderId, deletedAt, kind }) => senderId === viewer.id && !deletedAt && kind === 'text')?.id,
    )

  const closePanel = () => {
    setPanelOpen(false)
    document.querySelector<HTMLElement>('[data-panel-toggle]')?.focus()
  }

  const remove = async ({ message }: Entry) => {
    if (message) await client.message.delete.mutate({ roomId: room.id, messageId: message.id })
  }

  return (
    <div className="conversation" data-panel={isPanelOpen || undefined}>
      <div className="conversation-main">
        <RoomHeader
          state={state}
          title={title}
          isPanelOpen={isPanelOpen}
          onTogglePanel={() => (isPanelOpen ? closePanel() : setPanelOpen(true))}
        />
        <Timeline
          open={open}
          state={state}
          older={older}
          title={title}
          canDeleteAny={room.kind !== 'direct' && may(viewerRole, 'message.deleteAny')}
          editedId={edited?.id}
          acts={acts}
        />
        <footer className="conversation-foot">
          <TypingLine typing={open.typing} />
          <Composer
            open={open}
            title={title}
            closedBecause={closedBecause(state, self?.mutedUntil ?? null)}
            edited={edited}
            onEditLast={editLast}
            onEditEnd={(messageId) => setEditedId((current) => (current === messageId ? undefined : current))}
          />
        </footer>
      </div>
      {isPanelOpen && <MemberPanel state={state} title={title} viewerRole={viewerRole} onClose={closePanel} />}
      {removed && (
        <ConfirmDialog
          title="Delete this message?"
          action="Delete"
          onConfirm={() => remove(removed)}
          onClose={() => setRemoved(undefined)}
        >
          <p>It disappears for everybody in this room. That can’t be undone.</p>
          <blockquote className="quote" dir="auto">
            {removed.content}
          </blockquote>
        </ConfirmDialog>
      )}
    </div>
  )
}

function closedBecause({ room }: RoomState, mutedUntil: Date | null): string {
  if (room.archivedAt) return 'This room is archived. It can be read, but not changed.'
  if (room.frozenAt) return 'This room is frozen at the moment. It can be read, but nobody can write.'
  if (!mutedUntil || mutedUntil.getTime() <= Date.now()) return ''
  const isSoon = mutedUntil.getTime() - Date.now() < 86_400_000
  return isSoon ? `You are muted in this room until ${clockTime(mutedUntil)}.` : 'You are muted in this room.'
}
