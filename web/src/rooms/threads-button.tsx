import { useState } from 'react'
import { useChat, useSelected } from '../../../client/react/react-entry.ts'
import { Later } from '../later/later.tsx'
import { Icon } from '../ui/icons.tsx'

/** Opens the followed threads, and shows their unread count. */
export function ThreadsButton() {
  const { inbox } = useChat()
  const { unread, mentions } = useSelected(inbox.view, (view) => view.inbox.threads)
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <div className="sidebar-threads">
      <button
        type="button"
        className="panel-action"
        data-unread={unread > 0 || undefined}
        onClick={() => setOpen(true)}
      >
        <Icon name="thread" size={20} />
        <span className="sidebar-threads-name">Threads</span>
        {unread > 0 && (
          <span className={mentions > 0 ? 'badge badge-mention' : 'badge'}>
            {unread > 99 ? '99+' : unread}
            <span className="for-readers"> unread</span>
          </span>
        )}
      </button>
      {isOpen && (
        <Later onFail={close}>{({ FollowedThreadsDialog }) => <FollowedThreadsDialog onClose={close} />}</Later>
      )}
    </div>
  )
}
