import { type KeyboardEvent, memo, useState } from 'react'
import { useViewer } from '../../../client/react/react-entry.ts'
import { Later } from '../later/later.tsx'
import { PersonButton, ReachContext } from '../people/person-button.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icons.tsx'
import { clockTime, fullTime, shortSpan } from '../ui/times.ts'
import { useTimeLeft } from '../ui/use-time-left.ts'
import { MessageActions } from './message-actions.tsx'
import type { MessageActs, MessageRights } from './message-acts.ts'
import { MessageText } from './message-text.tsx'
import { QuoteLine } from './quote-line.tsx'
import { Reactions } from './reactions.tsx'
import { ThreadLine } from './thread-line.tsx'
import type { Entry } from './timeline-rows.ts'
import { useLongPress } from './use-long-press.ts'

interface MessageRowProps {
  entry: Entry
  roomId: string
  startsGroup: boolean
  isOwn: boolean
  rights: MessageRights
  /** Set on the newest of the viewer's own messages: who has seen it, or that it was sent. */
  seen: string
  /** The composer is editing it. */
  isEdited: boolean
  /** The viewer jumped to it. */
  isSought: boolean
  /** The one row that Tab reaches; arrow keys move to others. */
  isReachable: boolean
  /** The pointer is on it. */
  isPointed: boolean
  isInThread?: boolean
  acts: MessageActs
}

/** One message. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const {
    entry,
    startsGroup,
    isOwn,
    isEdited,
    isSought,
    isReachable,
    isPointed,
    acts,
    rights,
    isInThread = false,
  } = props
  const { sender, at, message, phase } = entry
  const isMention = useIsMention(entry)
  const [hasSheet, setSheet] = useState(false)
  const closeSheet = () => setSheet(false)
  const longPress = useLongPress(() => setSheet(true))
  if (message?.kind === 'system') return <p className="system-message">{entry.content}</p>
  const isDeleted = message?.deletedAt != null
  const canAct = message !== undefined && !isDeleted
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- shortcuts of the row that has the focus
    <article
      className={startsGroup ? 'message message-first' : 'message'}
      data-row={entry.key}
      data-message={message?.id}
      data-phase={phase}
      data-edited={isEdited || undefined}
      data-mention={isMention || undefined}
      data-sought={isSought || undefined}
      // Rows take the focus, as in ARIA's pattern of a feed: it is how the keyboard gets to their buttons.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={isReachable ? 0 : -1}
      aria-label={`${isOwn ? 'You' : sender.name}, ${clockTime(at)}`}
      onKeyDown={(event) => canAct && actByKey(event, props)}
      {...(canAct && longPress)}
    >
      <div className="message-margin">
        {startsGroup ? (
          <PersonButton user={sender} isSecond>
            <Avatar id={sender.id} name={sender.name} pictureUrl={sender.pictureUrl} />
          </PersonButton>
        ) : (
          <time className="message-hour" dateTime={at.toISOString()} title={fullTime(at)}>
            {clockTime(at)}
          </time>
        )}
      </div>
      <div className="message-body">
        {startsGroup && (
          <header className="message-head">
            <PersonButton
              user={sender}
              className="message-sender"
              isReachable={isReachable}
              label={`${sender.name}’s profile`}
            >
              <bdi>{sender.name}</bdi>
            </PersonButton>
            {isOwn && <span className="message-you">you</span>}
            <time className="message-time" dateTime={at.toISOString()} title={fullTime(at)}>
              {clockTime(at)}
            </time>
          </header>
        )}
        <Body {...props} isDeleted={isDeleted} />
        {isOwn && <Delivery entry={entry} seen={isDeleted ? '' : props.seen} mayWrite={rights.write} acts={acts} />}
      </div>
      {canAct && (isReachable || isPointed) && (
        <MessageActions {...{ entry, isOwn, isInThread, rights, acts, isReachable }} />
      )}
      {canAct && hasSheet && (
        <Later onFail={closeSheet}>
          {({ MessageSheet }) => <MessageSheet {...{ entry, isOwn, isInThread, rights, acts }} onClose={closeSheet} />}
        </Later>
      )}
    </article>
  )
})

function Body({
  entry,
  roomId,
  isReachable,
  isInThread,
  rights,
  acts,
  isDeleted,
}: MessageRowProps & { isDeleted: boolean }) {
  const { message, replyToId } = entry
  return (
    <ReachContext value={isReachable}>
      {message?.pinnedAt && !isDeleted && (
        <p className="message-note">
          <Icon name="pin" size={14} /> Pinned
        </p>
      )}
      {message?.forwardedFrom && (
        <p className="message-note">
          <Icon name="forward" size={14} /> Forwarded from <bdi>{message.forwardedFrom.senderName}</bdi>
        </p>
      )}
      {replyToId && !isDeleted && (
        <QuoteLine roomId={roomId} messageId={replyToId} isReachable={isReachable} onGo={acts.goTo} />
      )}
      {isDeleted ? (
        <p className="message-deleted">This message was deleted</p>
      ) : (
        <MessageText said={entry}>
          {message?.editedAt && (
            <button
              type="button"
              className="message-mark message-edited"
              title={`Edited ${fullTime(message.editedAt)}`}
              tabIndex={isReachable ? 0 : -1}
              onClick={() => acts.showVersions(entry)}
            >
              (edited)
            </button>
          )}
        </MessageText>
      )}
      {message && !isDeleted && message.reactions.length > 0 && (
        <Reactions
          message={message}
          isReachable={isReachable}
          onToggle={rights.write ? (emoji, isOn) => acts.react(entry, emoji, isOn) : undefined}
        />
      )}
      {message?.thread && !isInThread && (
        <ThreadLine thread={message.thread} isReachable={isReachable} onOpen={() => acts.openThread(entry)} />
      )}
    </ReachContext>
  )
}

function useIsMention({ sender, mentions, mentionsRoom }: Entry): boolean {
  const viewer = useViewer()
  return sender.id !== viewer.id && (mentionsRoom || mentions.includes(viewer.id))
}

/** Single keys for the row that has the focus itself. The page's list of shortcuts names them. */
function actByKey(event: KeyboardEvent<HTMLElement>, { entry, isOwn, rights, isInThread, acts }: MessageRowProps) {
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
  const isMine = isOwn && !entry.message?.forwardedFrom
  const act = {
    r: rights.write ? () => acts.reply(entry) : undefined,
    t: isInThread ? undefined : () => acts.openThread(entry),
    e: isMine && rights.write ? () => acts.edit(entry) : undefined,
    p: rights.pin && !isInThread ? () => acts.pin(entry, entry.message?.pinnedAt == null) : undefined,
    f: () => acts.forward(entry),
    Delete: isOwn || rights.deleteAny ? () => acts.remove(entry) : undefined,
  }[event.key]
  if (!act) return
  event.preventDefault()
  act()
}

function SendingWords({ heldUntil }: { heldUntil: number }) {
  const left = useTimeLeft(heldUntil, 1_000)
  return left > 0 ? `Sends in ${shortSpan(left)}` : 'Sending…'
}

interface DeliveryProps {
  entry: Entry
  seen: string
  mayWrite: boolean
  acts: MessageActs
}

function Delivery({ entry, seen, mayWrite, acts }: DeliveryProps) {
  if (entry.phase === 'sending') {
    return (
      <span className="delivery">
        <Icon name="clock" size={14} /> <SendingWords heldUntil={entry.heldUntil} />
      </span>
    )
  }
  if (entry.phase === 'failed') {
    return (
      <div className="delivery delivery-failed" role="alert">
        <Icon name="alert" size={16} />
        <span className="delivery-words">Not sent. {entry.sentence}</span>
        <span className="delivery-choices">
          <button type="button" className="link-button" onClick={() => acts.retry(entry)}>
            Retry
          </button>
          {mayWrite && (
            <button type="button" className="link-button" onClick={() => acts.takeBack(entry)}>
              Edit
            </button>
          )}
          <button type="button" className="link-button" onClick={() => acts.discard(entry)}>
            Delete
          </button>
        </span>
      </div>
    )
  }
  if (!seen) return null
  return (
    <span className="delivery">
      <Icon name={seen === 'Sent' ? 'check' : 'eye'} size={14} /> <span>{seen}</span>
    </span>
  )
}
