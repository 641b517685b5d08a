import { type KeyboardEvent, useState } from 'react'
import type { NewMentions } from '../../../client/client-entry.ts'
import type { Message } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import type { Mentioned } from './mention-words.ts'
import { MessageField } from './message-field.tsx'
import type { MentionScope } from './use-mention-completion.ts'

interface RewriteComposerProps {
  message: Message
  mentions: MentionScope
  edit: (messageId: string, content: string, mentions: NewMentions) => Promise<unknown>
  onEnd: (messageId: string) => void
}

/** The composer while it edits one of the viewer's own messages. If saving fails, the text stays. */
export function RewriteComposer({ message, mentions, edit, onEnd }: RewriteComposerProps) {
  const { toasts } = useSession()
  const [isBusy, setBusy] = useState(false)
  const { id: messageId } = message
  // The message already shows the new text.
  const [before] = useState(message.content)
  const end = () => onEnd(messageId)

  const save = async (content: string, mentioned: Mentioned) => {
    setBusy(true)
    try {
      // In a large room, the message's mentions are known by id alone. Without a new choice they stay unchanged.
      await edit(messageId, content, mentions.isLarge && mentioned.mentions.length === 0 ? {} : mentioned)
      end()
    } catch (error) {
      toasts.fault(error)
      setBusy(false)
    }
  }

  const onSubmit = (text: string, mentioned: Mentioned) => {
    if (text === before) end()
    else void save(text, mentioned)
    return false
  }

  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    end()
  }

  return (
    <div className="composer">
      <div className="composer-editing">
        <Icon name="pencil" size={16} />
        <span>{isBusy ? 'Saving…' : 'Editing your message'}</span>
        <IconButton icon="close" label="Cancel editing" size={16} onClick={end} />
      </div>
      <MessageField
        initial={before}
        label="Edit your message"
        placeholder=""
        action="Save"
        hint="Enter to save, Escape to cancel"
        isBusy={isBusy}
        hasFocus
        mentions={mentions}
        onSubmit={onSubmit}
        onKey={onKey}
      />
    </div>
  )
}
