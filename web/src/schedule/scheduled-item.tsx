import { useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import { CHAT_ERRORS, type ChatErrorReason, LIMITS, type ScheduledMessage } from '../../../shared/index.ts'
import { mentionedIn } from '../timeline/mention-words.ts'
import { useMentionNames, usePeople } from '../timeline/people-context.ts'
import { reasonSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { useAttempt } from '../ui/use-attempt.ts'
import { fromFieldTime, toFieldTime } from './send-times.ts'

interface ScheduledItemProps {
  message: ScheduledMessage
  onChanged: () => Promise<unknown>
}

/** One scheduled message. Its text and its time can be changed until it is sent. */
export function ScheduledItem({ message, onChanged }: ScheduledItemProps) {
  const { client } = useChat()
  const [content, setContent] = useState(message.content)
  const [time, setTime] = useState(() => toFieldTime(message.sendAt))
  const { isBusy, fault, attempt } = useAttempt()
  const { id: scheduleId, failureReason } = message
  const sendAt = fromFieldTime(time)
  const names = useMentionNames(message.mentions, message.mentionsRoom)
  // In a large room, the message's mentions are known by id alone, and stay unchanged.
  const mayMentionOthers = usePeople().size > 0 && content !== message.content
  const rewritten = { scheduleId, content, ...(mayMentionOthers ? mentionedIn(content, names) : {}) }
  const isSame = content === message.content && time === toFieldTime(message.sendAt)

  const then = (work: () => Promise<unknown>) =>
    void attempt(async () => {
      try {
        await work()
      } finally {
        await onChanged()
      }
    })

  return (
    <li className="desk-item">
      {failureReason && <p className="fault">Not sent. {failureWords(failureReason)}</p>}
      <textarea
        className="input"
        rows={2}
        value={content}
        onChange={({ target }) => setContent(target.value)}
        aria-label="Message"
        maxLength={LIMITS.content}
        dir="auto"
      />
      <div className="field-line">
        <input
          className="input"
          type="datetime-local"
          value={time}
          onChange={({ target }) => setTime(target.value)}
          aria-label="Send at"
        />
        <button
          type="button"
          className="button"
          disabled={isBusy || isSame || !sendAt || content.trim() === ''}
          onClick={() => sendAt && then(() => client.schedule.update.mutate({ ...rewritten, sendAt }))}
        >
          Save
        </button>
        <button
          type="button"
          className="button button-quiet-danger"
          disabled={isBusy}
          onClick={() => then(() => client.schedule.cancel.mutate({ scheduleId }))}
        >
          Delete
        </button>
      </div>
      <FaultLine fault={fault} />
    </li>
  )
}

const isReason = (text: string): text is ChatErrorReason => Object.hasOwn(CHAT_ERRORS, text)

const failureWords = (reason: string): string => (isReason(reason) ? reasonSentence(reason) : reason)
