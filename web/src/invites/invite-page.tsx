import { useQuery } from '@tanstack/react-query'
import { useAdminQueries, useChat } from '../../../client/react/react-entry.ts'
import { DocumentTitle } from '../ui/document-title.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { showList, showRoom } from '../ui/route.ts'
import { takeFocus } from '../ui/take-focus.ts'
import { useAttempt } from '../ui/use-attempt.ts'

/** The page of an invite link: the room, the inviter, and a button to join. */
export function InvitePage({ inviteCode }: { inviteCode: string }) {
  const { client } = useChat()
  const queries = useAdminQueries()
  const { data: preview, error, errorUpdatedAt } = useQuery(queries.invite(inviteCode))
  const { isBusy, fault, attempt } = useAttempt()

  const join = () =>
    attempt(async () => {
      const { roomId } = await client.room.join.mutate({ inviteCode })
      showRoom(roomId)
    })

  const back = (
    <button type="button" className="button" onClick={showList}>
      {preview ? 'Not now' : 'Back to conversations'}
    </button>
  )
  return (
    <main className="room welcome" id="conversation" tabIndex={-1} aria-label="Invite">
      <DocumentTitle place="Invite" />
      {error && !preview && (
        <EmptyState icon="alert" title="This invite isn’t valid">
          <p role="alert">{errorSentence(error, errorUpdatedAt)}</p>
          <div className="empty-actions">{back}</div>
        </EmptyState>
      )}
      {!preview && !error && <p className="room-waiting">Loading the invite…</p>}
      {preview && (
        <EmptyState icon="people" title={`Join “${preview.roomName}”`}>
          <p>
            <bdi>{preview.inviter.name}</bdi> invited you to a room with{' '}
            {preview.memberCount === 1 ? 'one member' : `${preview.memberCount} members`}.
          </p>
          <FaultLine fault={fault} />
          <div className="empty-actions">
            <button
              type="button"
              className="button button-primary"
              disabled={isBusy}
              ref={takeFocus}
              onClick={() => void join()}
            >
              Join room
            </button>
            {back}
          </div>
        </EmptyState>
      )}
    </main>
  )
}
