import type { Message } from '../../shared/index.ts'

/** A change of a message that shows before the server has answered: an edit, a delete, a reaction. */
export interface MessageChange {
  /** The kind of the change: `edit` or `reaction 👍`. A later change of the same message with the same key replaces it. */
  key: string
  messageId: string
  /** The message after the change. It gets the latest row, and returns a row that already has the change as it is. */
  apply(message: Message): Message
  /** Sends the change. The server answers with the message's new row. */
  send(): Promise<Message>
}

interface Pending extends Pick<MessageChange, 'messageId' | 'apply'> {
  /** The server's answer, shown until the room's own log has it. */
  answer: Message | undefined
}

/** The most changes of a room that can be pending. More are refused. */
const MAX_PENDING = 100

/**
 * Changes that are laid over a room's messages. A change goes away when the room's log has reached the server's answer, or when
 * it fails. The messages below are never modified, so nothing has to be rolled back.
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

  /** The messages with the pending changes applied; the same array if there are none. */
  over(messages: Message[]): Message[] {
    if (this.#pending.size === 0) return messages
    const byMessage = Map.groupBy(this.#pending.values(), ({ messageId }) => messageId)
    if (!messages.some(({ id }) => byMessage.has(id))) return messages
    return messages.map((message) => (byMessage.get(message.id) ?? []).reduce(layOver, message))
  }

  /** Drops the changes that the log, now at `seq`, contains. */
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
