import { type KeyboardEvent, useState } from 'react'
import type { Message } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { MessageField } from './message-field.tsx'

interface RewriteComposerProps {
  message: Message
  onEnd: (messageId: string) => void
}

/** The composer while it holds one of the viewer's own messages. What can't be saved stays, to be tried again. */
export function RewriteComposer({ message, onEnd }: RewriteComposerProps) {
  const { client, toasts } = useSession()
  const [isBusy, setBusy] = useState(false)
  const { id: messageId, roomId } = message
  const end = () => onEnd(messageId)

  const save = async (content: string) => {
    setBusy(true)
    try {
      await client.message.edit.mutate({ roomId, messageId, content })
      end()
    } catch (error) {
      toasts.fault(error)
      setBusy(false)
    }
  }

  const onSubmit = (text: string) => {
    if (text === message.content) end()
    else void save(text)
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
        initial={message.content}
        label="Edit your message"
        placeholder=""
        action="Save"
        hint="Enter saves, Escape cancels"
        isBusy={isBusy}
        hasFocus
        onSubmit={onSubmit}
        onKey={onKey}
      />
    </div>
  )
}
