import { memo } from 'react'
import { Avatar } from '../ui/avatar.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { clockTime, fullTime } from '../ui/times.ts'
import { MessageText } from './message-text.tsx'
import type { Entry } from './timeline-rows.ts'

/** What can be done with a message. The same object as long as the room is open, so that rows need no new drawing. */
export interface MessageActs {
  edit(entry: Entry): void
  remove(entry: Entry): void
  retry(entry: Entry): void
  discard(entry: Entry): void
}

interface MessageRowProps {
  entry: Entry
  startsGroup: boolean
  isOwn: boolean
  /** The viewer's role allows to delete it. */
  canDelete: boolean
  /** The newest of all and the viewer's own: it says that it was sent. */
  showsSent: boolean
  /** The composer holds it at the moment. */
  isEdited: boolean
  /** The one row that Tab reaches; arrow keys move to others. */
  isReachable: boolean
  acts: MessageActs
}

/** One message. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { entry, startsGroup, isOwn, showsSent, isEdited, isReachable, acts } = props
  const { sender, content, at, message, phase } = entry
  if (message?.kind === 'system') return <p className="system-message">{content}</p>
  const isDeleted = message?.deletedAt != null
  return (
    <article
      className={startsGroup ? 'message message-first' : 'message'}
      data-row={entry.key}
      data-phase={phase}
      data-edited={isEdited || undefined}
      // Rows take the focus, as in ARIA's pattern of a feed: it is how the keyboard gets to their buttons.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={isReachable ? 0 : -1}
      aria-label={`${isOwn ? 'You' : sender.name}, ${clockTime(at)}`}
    >
      <div className="message-margin">
        {startsGroup ? (
          <Avatar id={sender.id} name={sender.name} pictureUrl={sender.pictureUrl} />
        ) : (
          <time className="message-hour" dateTime={at.toISOString()} title={fullTime(at)}>
            {clockTime(at)}
          </time>
        )}
      </div>
      <div className="message-body">
        {startsGroup && (
          <header className="message-head">
            <bdi className="message-sender">{sender.name}</bdi>
            {isOwn && <span className="message-you">you</span>}
            <time className="message-time" dateTime={at.toISOString()} title={fullTime(at)}>
              {clockTime(at)}
            </time>
          </header>
        )}
        {isDeleted ? (
          <p className="message-deleted">This message was deleted</p>
        ) : (
          <MessageText content={content}>
            {message?.editedAt && (
              <bdi className="message-mark" title={`Edited ${fullTime(message.editedAt)}`}>
                {' '}
                edited
              </bdi>
            )}
          </MessageText>
        )}
        {isOwn && <Delivery entry={entry} showsSent={showsSent && !isDeleted} acts={acts} />}
      </div>
      <Actions {...props} isDeleted={isDeleted} />
    </article>
  )
})

function Delivery({ entry, showsSent, acts }: { entry: Entry; showsSent: boolean; acts: MessageActs }) {
  if (entry.phase === 'sending') {
    return (
      <span className="delivery">
        <Icon name="clock" size={14} /> Sending…
      </span>
    )
  }
  if (entry.phase === 'failed') {
    return (
      <div className="delivery delivery-failed" role="alert">
        <Icon name="alert" size={16} />
        <span>Not sent. {entry.sentence}</span>
        <button type="button" className="link-button" onClick={() => acts.retry(entry)}>
          Try again
        </button>
        <button type="button" className="link-button" onClick={() => acts.discard(entry)}>
          Discard
        </button>
      </div>
    )
  }
  if (!showsSent) return null
  return (
    <span className="delivery">
      <Icon name="check" size={14} /> Sent
    </span>
  )
}

function Actions({ entry, isOwn, canDelete, isReachable, isDeleted, acts }: MessageRowProps & { isDeleted: boolean }) {
  if (!entry.message || isDeleted || (!isOwn && !canDelete)) return null
  const tabIndex = isReachable ? 0 : -1
  return (
    <div className="message-actions">
      {isOwn && (
        <IconButton icon="pencil" label="Edit message" size={18} tabIndex={tabIndex} onClick={() => acts.edit(entry)} />
      )}
      <IconButton icon="bin" label="Delete message" size={18} tabIndex={tabIndex} onClick={() => acts.remove(entry)} />
    </div>
  )
}
