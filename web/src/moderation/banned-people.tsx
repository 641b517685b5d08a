import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useAdminQueries, useChat } from '../../../client/react/react-entry.ts'
import { Avatar } from '../ui/avatar.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { untilWords } from '../ui/terms.ts'
import { useAttempt } from '../ui/use-attempt.ts'
import { UserName } from './user-name.tsx'

/** The banned users, since when and why, with a button to unban them. */
export function BannedPeople({ roomId }: { roomId: string }) {
  const { client } = useChat()
  const queries = useAdminQueries()
  const queryClient = useQueryClient()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(queries.banned(roomId))
  const { isBusy, fault, attempt } = useAttempt()
  const banned = data?.pages.flatMap(({ items }) => items)

  const unban = (userId: string) =>
    void attempt(async () => {
      await client.member.unban.mutate({ roomId, userId })
      await queryClient.invalidateQueries({ queryKey: queries.banned(roomId).queryKey })
    })

  return (
    <>
      <FaultLine fault={error ? errorSentence(error) : fault} />
      <ul className="desk-list" aria-label="Banned people" aria-busy={!banned}>
        {banned?.map(({ member: { userId, user }, bannedUntil, bannedBy, reason }) => (
          <li key={userId} className="desk-item desk-person">
            <Avatar id={userId} name={user.name} pictureUrl={user.pictureUrl} size={34} />
            <span className="desk-person-text">
              <bdi className="user-name">{user.name}</bdi>
              <span className="desk-says">
                {untilWords(bannedUntil) || 'for good'}, by <UserName userId={bannedBy} />
                {reason && (
                  <>
                    {': '}
                    <bdi>{reason}</bdi>
                  </>
                )}
              </span>
            </span>
            <button
              type="button"
              className="button button-small"
              disabled={isBusy}
              aria-label={`Unban ${user.name}`}
              onClick={() => unban(userId)}
            >
              Unban
            </button>
          </li>
        ))}
      </ul>
      {banned?.length === 0 && <p className="picker-note">Nobody is banned from this room.</p>}
      {hasNextPage && (
        <button type="button" className="button button-small" onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
    </>
  )
}
