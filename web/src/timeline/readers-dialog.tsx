import { useInfiniteQuery } from '@tanstack/react-query'
import { useChatQueries, useReceipts, useViewer } from '../../../client/react/react-entry.ts'
import type { Message, Receipt, Room } from '../../../shared/index.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Scroller } from '../ui/scroller.tsx'
import { usePeople } from './people-context.ts'

interface ReadersDialogProps {
  room: Room
  message: Message
  onClose: () => void
}

/** The users who have read a message. In a large room they are loaded page by page. */
export function ReadersDialog({ room, message, onClose }: ReadersDialogProps) {
  const viewer = useViewer()
  const people = usePeople()
  const queries = useChatQueries()
  const live = useReceipts(room.id)
  const { data, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery({
    ...queries.receipts(room.id),
    enabled: room.isLarge,
  })
  const receipts: Receipt[] = room.isLarge ? (data?.pages.flatMap(({ items }) => items) ?? []) : [...live.values()]
  const readers = receipts.filter(
    ({ userId, readSeq }) =>
      readSeq >= message.seq && ![viewer.id, message.senderId].includes(userId) && (room.isLarge || people.has(userId)),
  )
  return (
    <Dialog title="Seen by" size="small" onClose={onClose}>
      <Scroller className="dialog-scroll" label="Seen by">
        <ul className="people">
          {readers.map(({ userId }) => {
            const user = people.get(userId)
            return (
              <li key={userId} className="person">
                <Avatar id={userId} name={user?.name ?? userId} pictureUrl={user?.pictureUrl ?? null} size={32} />
                <bdi className="person-name">{user?.name ?? userId}</bdi>
              </li>
            )
          })}
        </ul>
        {readers.length === 0 && (
          <p className="dialog-text">
            {isFetching ? 'Loading…' : 'Nobody yet. People with read receipts turned off aren’t listed.'}
          </p>
        )}
        {hasNextPage && (
          <button type="button" className="button button-small" onClick={() => void fetchNextPage()}>
            Show more
          </button>
        )}
      </Scroller>
    </Dialog>
  )
}
