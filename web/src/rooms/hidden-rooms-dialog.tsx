import { useInfiniteQuery } from '@tanstack/react-query'
import { useAdminQueries, useChat } from '../../../client/react/react-entry.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { showRoom } from '../ui/route.ts'
import { Tabs } from '../ui/tabs.tsx'
import { RoomFace } from './room-face.tsx'
import { peerOf, roomTitle } from './room-title.ts'

/** The viewer's rooms that the list leaves out. An open room's settings bring it back. */
export function HiddenRoomsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Archived and hidden rooms" onClose={onClose}>
      <Tabs
        label="Archived and hidden rooms"
        tabs={[
          { name: 'Archived', content: <HiddenRooms which="archived" onClose={onClose} /> },
          { name: 'Hidden', content: <HiddenRooms which="hidden" onClose={onClose} /> },
        ]}
      />
    </Dialog>
  )
}

function HiddenRooms({ which, onClose }: { which: 'archived' | 'hidden'; onClose: () => void }) {
  const { viewer } = useChat()
  const queries = useAdminQueries()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(queries.hiddenRooms(which))
  const rooms = data?.pages.flatMap(({ items }) => items)
  return (
    <>
      <FaultLine fault={error ? errorSentence(error) : ''} />
      <ul className="people" aria-busy={!rooms}>
        {rooms?.map((room) => (
          <li key={room.id}>
            <button
              type="button"
              className="person"
              onClick={() => {
                onClose()
                showRoom(room.id)
              }}
            >
              <RoomFace room={room} peer={peerOf(room, [], viewer.id)} size={34} />
              <bdi className="person-name">{roomTitle(room, [], viewer.id)}</bdi>
            </button>
          </li>
        ))}
      </ul>
      {rooms?.length === 0 && <p className="picker-note">No {which} rooms.</p>}
      {hasNextPage && (
        <button type="button" className="button button-small" onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
    </>
  )
}
