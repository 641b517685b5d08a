import { useQuery } from '@tanstack/react-query'
import { useChat, useChatQueries, usePresence } from '../../../client/react/react-entry.ts'
import { PresenceDot, usePresenceWords } from '../people/presence-dot.tsx'
import type { ShownProfile } from '../session/chat-session.ts'
import { AnchoredPopup } from '../ui/anchored-popup.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { useOpenRoomId } from '../ui/route.ts'
import { fullTime } from '../ui/times.ts'
import { ProfileActions } from './profile-actions.tsx'
import { ProfileInRoom } from './profile-in-room.tsx'

interface ProfileCardProps extends ShownProfile {
  onEdit: () => void
  onClose: () => void
}

/** A person's profile, beside the pressed element or as a sheet on a small screen. */
export function ProfileCard({ user: met, anchor, onEdit, onClose }: ProfileCardProps) {
  const { viewer } = useChat()
  const queries = useChatQueries()
  const openRoomId = useOpenRoomId()
  const { data } = useQuery(queries.user(met.id))
  const isViewer = met.id === viewer.id
  const user = isViewer ? viewer : (data ?? met)
  const presence = usePresence(met.id)
  const words = usePresenceWords(met.id)
  const lastSeenAt = presence && presence.status !== 'offline' ? null : (data?.lastSeenAt ?? null)

  return (
    <AnchoredPopup anchor={anchor} label={`${user.name}’s profile`} className="profile" onClose={onClose}>
      <header className="profile-head">
        <Avatar id={user.id} name={user.name} pictureUrl={user.pictureUrl} size={64}>
          <PresenceDot userId={user.id} />
        </Avatar>
        <div className="profile-who">
          <h2 className="profile-name">
            <bdi>{user.name}</bdi>
            {isViewer && <span className="member-you"> you</span>}
          </h2>
          {user.id !== user.name && <p className="profile-id">{user.id}</p>}
          <p className="profile-status">
            <bdi>{words}</bdi>
          </p>
        </div>
      </header>
      <dl className="profile-facts">
        {openRoomId && <ProfileInRoom roomId={openRoomId} user={user} />}
        {lastSeenAt && (
          <div>
            <dt>Last seen</dt>
            <dd>{fullTime(lastSeenAt)}</dd>
          </div>
        )}
      </dl>
      <ProfileActions user={user} isViewer={isViewer} onEdit={onEdit} onClose={onClose} />
    </AnchoredPopup>
  )
}
