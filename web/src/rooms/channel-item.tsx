import { useState } from 'react'
import { useChat, useSelected } from '../../../client/react/react-entry.ts'
import type { Room } from '../../../shared/index.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { showRoom } from '../ui/route.ts'
import { RoomFace } from './room-face.tsx'
import { peerOf } from './room-title.ts'

interface ChannelItemProps {
  room: Room
  onClose: () => void
  onFault: (sentence: string) => void
}

/** One channel, with a button to join it, or to open it if the viewer is a member. */
export function ChannelItem({ room, onClose, onFault }: ChannelItemProps) {
  const { client, inbox, viewer } = useChat()
  const isMine = useSelected(inbox.view, ({ inbox: { rooms } }) => rooms.some(({ roomId }) => roomId === room.id))
  const [isBusy, setBusy] = useState(false)

  const open = async () => {
    setBusy(true)
    try {
      if (!isMine) await client.room.join.mutate({ roomId: room.id })
      onClose()
      showRoom(room.id)
    } catch (error) {
      onFault(errorSentence(error))
      setBusy(false)
    }
  }

  const name = room.name ?? 'Untitled channel'
  return (
    <li className="channel">
      <RoomFace room={room} peer={peerOf(room, [], viewer.id)} size={38} />
      <span className="channel-text">
        <bdi className="channel-name">{name}</bdi>
        <span className="channel-says">
          {room.memberCount} {room.memberCount === 1 ? 'member' : 'members'}
          {room.description && (
            <>
              {' · '}
              <bdi>{room.description}</bdi>
            </>
          )}
        </span>
      </span>
      <button
        type="button"
        className={isMine ? 'button button-small' : 'button button-small button-primary'}
        disabled={isBusy}
        aria-label={`${isMine ? 'Open' : 'Join'} ${name}`}
        onClick={() => void open()}
      >
        {isMine ? 'Open' : 'Join'}
      </button>
    </li>
  )
}
