import type { Message } from '../../shared/index.ts'

/** A change of a message that is shown before the server has answered: an edit, a delete, a reaction. */
export interface MessageChange {
  /** What is changed, and how: `edit` or `reaction 👍`. A later change of the same message under the same key takes its place. */
  key: string
  messageId: string
  /** The message as it will be. It gets the latest row, and changes nothing on one that has the change already. */
  apply(message: Message): Message
  /** Asks the server, which answers with the message's new row. */
  send(): Promise<Message>
}

interface Pending extends Pick<MessageChange, 'messageId' | 'apply'> {
  /** The server's answer, shown until the room's own log has it. */
  answer: Message | undefined
}

/** Changes of a room that wait at one time; one more is refused. */
const MAX_PENDING = 100

/**
 * Changes laid over a room's messages. One goes when the room's log has reached what the server answered, or when it fails; the
 * messages below are never touched, so there is nothing to take back.
 */
export class PendingChanges {
  readonly #pending = new Map<string, Pending>()
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** Shows a change and sends it. Resolves or rejects as `send` does. */
  async run({ key, messageId, apply, send }: MessageChange): Promise<Message> {
    if (this.#pending.size >= MAX_PENDING) throw new Error(`Unable to change the message; ${MAX_PENDING} changes wait`)
    const id = `${messageId} ${key}`
    const pending: Pending = { messageId, apply, answer: undefined }
    this.#pending.set(id, pending)
    this.#onChange()
    try {
      pending.answer = await send()
      return pending.answer
    } catch (error) {
      if (this.#pending.get(id) === pending) this.#pending.delete(id)
      throw error
    } finally {
      this.#onChange()
    }
  }

  /** The messages with what is pending laid over; the same array where nothing is. */
  over(messages: Message[]): Message[] {
    if (this.#pending.size === 0) return messages
    const byMessage = Map.groupBy(this.#pending.values(), ({ messageId }) => messageId)
    if (!messages.some(({ id }) => byMessage.has(id))) return messages
    return messages.map((message) => (byMessage.get(message.id) ?? []).reduce(layOver, message))
  }

  /** Drops what the log shows, now that it has come to `seq`. */
  settle(seq: number): void {
    for (const [id, { answer }] of this.#pending) if (answer && answer.changedSeq <= seq) this.#pending.delete(id)
  }

  clear(): void {
    this.#pending.clear()
  }
}

function layOver(message: Message, { apply, answer }: Pending): Message {
  if (!answer) return apply(message)
  return answer.changedSeq > message.changedSeq ? answer : message
}
