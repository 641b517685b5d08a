import { useChat, useSelected } from '../../../client/react/react-entry.ts'
import type { UserSummary } from '../../../shared/index.ts'
import { fullTime } from '../ui/times.ts'

/** The user's membership in the open room; nothing if the room is large or they are not a member. */
export function ProfileInRoom({ roomId, user }: { roomId: string; user: UserSummary }) {
  const chat = useChat()
  const state = useSelected(chat.room(roomId).view, (view) => (view.phase === 'open' ? view.state : undefined))
  const member = state?.members.find(({ userId }) => userId === user.id)
  if (!member || state?.room.kind === 'direct') return null
  return (
    <>
      {member.user.name !== user.name && (
        <div>
          <dt>Name in this room</dt>
          <dd>
            <bdi>{member.user.name}</bdi>
          </dd>
        </div>
      )}
      <div>
        <dt>Role in this room</dt>
        <dd className="profile-role">{member.role}</dd>
      </div>
      <div>
        <dt>Joined</dt>
        <dd>{fullTime(member.joinedAt)}</dd>
      </div>
    </>
  )
}
