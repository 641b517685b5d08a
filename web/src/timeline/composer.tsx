import type { KeyboardEvent } from 'react'
import type { Message } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { MessageField } from './message-field.tsx'
import type { OpenRoom } from './open-room.ts'
import { RewriteComposer } from './rewrite-composer.tsx'

interface ComposerProps {
  open: OpenRoom
  title: string
  /** Why nobody, or not this viewer, can write now; empty where they can. */
  closedBecause: string
  /** The message being edited, if one is. */
  edited: Message | undefined
  onEditLast: () => void
  onEditEnd: (messageId: string) => void
}

/** Where a message is written, or one's own is rewritten. */
export function Composer({ open, title, closedBecause, edited, onEditLast, onEditEnd }: ComposerProps) {
  if (closedBecause) return <p className="composer-closed">{closedBecause}</p>
  if (edited) return <RewriteComposer key={edited.id} message={edited} onEnd={onEditEnd} />
  return <NewMessage open={open} title={title} onEditLast={onEditLast} />
}

function NewMessage({ open, title, onEditLast }: Pick<ComposerProps, 'open' | 'title' | 'onEditLast'>) {
  const { drafts, outbox } = useSession()
  const { roomId, typingNotice } = open

  const onText = (text: string) => {
    if (text) drafts.set(roomId, text)
    else drafts.delete(roomId)
    if (text.trim()) typingNotice.typed()
    else typingNotice.ended()
  }

  const onSubmit = (text: string) => {
    outbox.send(roomId, text)
    return true
  }

  const onKey = (event: KeyboardEvent, text: string) => {
    if (event.key !== 'ArrowUp' || text !== '') return
    event.preventDefault()
    onEditLast()
  }

  return (
    <div className="composer" onBlur={() => typingNotice.ended()}>
      <MessageField
        initial={drafts.get(roomId) ?? ''}
        label={`Message ${title}`}
        placeholder={`Message ${title}`}
        action="Send"
        hint="Enter sends, Shift and Enter makes a new line"
        // On a phone the keyboard would cover half of what one came to read.
        hasFocus={!matchMedia('(pointer: coarse)').matches}
        onText={onText}
        onSubmit={onSubmit}
        onKey={onKey}
      />
    </div>
  )
}
