import { useInfiniteQuery } from '@tanstack/react-query'
import { useChat, useChatQueries, useInbox } from '../../../client/react/react-entry.ts'
import type { FollowedThread } from '../../../shared/index.ts'
import { firstWords } from '../markdown/plain-text.ts'
import { roomTitle } from '../rooms/room-title.ts'
import { useSession } from '../session/session-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { showRoom } from '../ui/route.ts'
import { listTime } from '../ui/times.ts'

/** The threads that the viewer follows, the latest reply first. */
export function FollowedThreadsDialog({ onClose }: { onClose: () => void }) {
  const queries = useChatQueries()
  const { data, error, isPending, hasNextPage, fetchNextPage } = useInfiniteQuery(queries.threads())
  const { visit } = useSession()
  const threads = data?.pages.flatMap(({ items }) => items) ?? []

  const open = ({ root }: FollowedThread) => {
    visit.set({ roomId: root.roomId, messageId: root.id, threadId: root.id })
    showRoom(root.roomId)
    onClose()
  }

  return (
    <Dialog title="Threads you follow" onClose={onClose}>
      <div className="dialog-scroll">
        <ul className="people" aria-busy={isPending}>
          {threads.map((thread) => (
            <li key={thread.root.id}>
              <ThreadItem thread={thread} onOpen={() => open(thread)} />
            </li>
          ))}
        </ul>
        {!isPending && threads.length === 0 && !error && (
          <p className="dialog-text">No threads yet. Threads you reply to or follow show up here.</p>
        )}
        {hasNextPage && (
          <button type="button" className="button button-small" onClick={() => void fetchNextPage()}>
            Show more
          </button>
        )}
      </div>
      {error && (
        <p className="fault" role="alert">
          {errorSentence(error)}
        </p>
      )}
    </Dialog>
  )
}

function ThreadItem({ thread, onOpen }: { thread: FollowedThread; onOpen: () => void }) {
  const { viewer } = useChat()
  const { entries } = useInbox()
  const { root, unread, mentions } = thread
  const room = entries.find((entry) => entry.room.id === root.roomId)?.room
  return (
    <button type="button" className="person thread-item" onClick={onOpen}>
      <Avatar id={root.senderId} name={root.sender.name} pictureUrl={root.sender.pictureUrl} size={34} />
      <span className="thread-item-text">
        <span className="thread-item-line">
          <bdi className="person-name">{root.sender.name}</bdi>
          <span className="thread-last">
            {room && <bdi>{roomTitle(room, [], viewer.id)}</bdi>} {listTime(root.thread?.lastAt ?? root.createdAt)}
          </span>
        </span>
        <bdi className="quote-words">{root.deletedAt ? 'Message deleted' : firstWords(root.content)}</bdi>
        <span className="thread-last">
          {root.thread?.count === 1 ? '1 reply' : `${root.thread?.count ?? 0} replies`}
        </span>
      </span>
      {unread > 0 && (
        <span className={mentions > 0 ? 'badge badge-mention' : 'badge'}>
          {unread}
          <span className="for-readers"> unread</span>
        </span>
      )}
    </button>
  )
}
