import type { KeyboardEvent } from 'react'
import { type NewMentions, OutboxFullError } from '../../../client/client-entry.ts'
import { useMessageActions, useTypingNotice } from '../../../client/react/react-entry.ts'
import type { Message } from '../../../shared/index.ts'
import { firstWords } from '../markdown/plain-text.ts'
import { ScheduledLine } from '../schedule/scheduled-line.tsx'
import { useSchedule } from '../schedule/use-schedule.ts'
import { useSession } from '../session/session-context.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { fullTime } from '../ui/times.ts'
import type { Mentioned } from './mention-words.ts'
import { MessageField } from './message-field.tsx'
import { RewriteComposer } from './rewrite-composer.tsx'
import type { Entry } from './timeline-rows.ts'
import { useDraft } from './use-draft.ts'
import type { MentionScope } from './use-mention-completion.ts'

interface ComposerProps extends NewMessageProps {
  /** Why the viewer can't write now; empty if they can. */
  closedBecause: string
  /** The message being edited, if any. */
  edited: Message | undefined
  edit: (messageId: string, content: string, mentions: NewMentions) => Promise<unknown>
  onEditEnd: (messageId: string) => void
}

interface NewMessageProps {
  roomId: string
  /** The thread of the reply; undefined for a message to the room. */
  threadId?: string
  /** The field's name: "Message Autumn launch". */
  label: string
  /** The end of the slow mode wait, in milliseconds since 1970; 0 if there is none. */
  slowUntil: number
  /** The quoted message, if any. */
  quoted: Entry | undefined
  mentions: MentionScope
  onQuoteEnd: () => void
  onEditLast: () => void
}

/** The field for a new message, or for editing one of the viewer's own. */
export function Composer({ closedBecause, edited, edit, onEditEnd, ...rest }: ComposerProps) {
  if (closedBecause) return <p className="composer-closed">{closedBecause}</p>
  if (edited) {
    return <RewriteComposer key={edited.id} message={edited} mentions={rest.mentions} edit={edit} onEnd={onEditEnd} />
  }
  return <NewMessage key={rest.quoted?.key} {...rest} />
}

function NewMessage({ roomId, threadId, label, slowUntil, quoted, mentions, onQuoteEnd, onEditLast }: NewMessageProps) {
  const { drafts, toasts } = useSession()
  const { send } = useMessageActions(roomId)
  const schedule = useSchedule(roomId)
  const typing = useTypingNotice(roomId)
  const place = threadId ? `${roomId} ${threadId}` : roomId
  const { root, version, hasFocus } = useDraft(place)

  const onText = (text: string) => {
    if (text) drafts.set(place, text)
    else drafts.delete(place)
    if (text.trim()) typing.onInput()
    else typing.onStop()
  }

  const written = (content: string, { mentions, mentionsRoom }: Mentioned) => ({
    content,
    ...(threadId ? { threadId } : {}),
    ...(quoted?.message ? { replyToId: quoted.message.id } : {}),
    ...(mentions.length > 0 ? { mentions } : {}),
    ...(mentionsRoom ? { mentionsRoom } : {}),
  })

  const onSubmit = (content: string, mentioned: Mentioned) => {
    try {
      send(written(content, mentioned))
      if (quoted) onQuoteEnd()
      return true
    } catch (error) {
      if (!(error instanceof OutboxFullError)) throw error
      toasts.note('Too many unsent messages. Wait until you are back online.')
      return false
    }
  }

  const onLater = async (content: string, mentioned: Mentioned, sendAt: Date) => {
    await schedule({ ...written(content, mentioned), sendAt })
    toasts.note(`Scheduled for ${fullTime(sendAt)}.`)
    if (!quoted) return
    // The field starts again from the draft, without the quote.
    if (drafts.get(place) === content) drafts.delete(place)
    onQuoteEnd()
  }

  const onKey = (event: KeyboardEvent, text: string) => {
    if (event.key === 'Escape' && quoted) onQuoteEnd()
    else if (event.key === 'ArrowUp' && text === '') onEditLast()
    else return
    event.preventDefault()
  }

  return (
    <div className="composer" ref={root} onBlur={() => typing.onStop()}>
      {!threadId && <ScheduledLine roomId={roomId} />}
      {quoted && (
        <div className="composer-editing composer-quoted">
          <Icon name="reply" size={16} />
          <span>
            Replying to <bdi>{quoted.sender.name}</bdi>: <bdi className="quote-words">{firstWords(quoted.content)}</bdi>
          </span>
          <IconButton icon="close" label="Cancel reply" size={16} onClick={onQuoteEnd} />
        </div>
      )}
      <MessageField
        key={version}
        initial={drafts.get(place) ?? ''}
        label={label}
        placeholder={label}
        action="Send"
        hint="Enter to send, Shift+Enter for a new line, Ctrl+/ for shortcuts"
        waitsUntil={slowUntil}
        hasFocus={quoted !== undefined || hasFocus}
        {...(!threadId && { onLater })}
        mentions={mentions}
        onText={onText}
        onSubmit={onSubmit}
        onKey={onKey}
      />
    </div>
  )
}
