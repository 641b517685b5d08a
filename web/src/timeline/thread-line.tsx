import type { ThreadSummary } from '../../../shared/index.ts'
import { Avatar } from '../ui/avatar.tsx'
import { listTime } from '../ui/times.ts'
import { usePeople } from './people-context.ts'

interface ThreadLineProps {
  thread: ThreadSummary
  isReachable: boolean
  onOpen: () => void
}

const FACES = 4

/** Below the root of a thread: the number of replies, and their authors. */
export function ThreadLine({ thread, isReachable, onOpen }: ThreadLineProps) {
  const people = usePeople()
  return (
    <button type="button" className="thread-line" tabIndex={isReachable ? 0 : -1} onClick={onOpen}>
      <span className="thread-faces">
        {thread.participants.slice(0, FACES).map((id) => {
          const user = people.get(id)
          return <Avatar key={id} id={id} name={user?.name ?? id} pictureUrl={user?.pictureUrl ?? null} size={20} />
        })}
      </span>
      <span className="thread-count">{thread.count === 1 ? '1 reply' : `${thread.count} replies`}</span>
      <span className="thread-last">last {listTime(thread.lastAt)}</span>
    </button>
  )
}
