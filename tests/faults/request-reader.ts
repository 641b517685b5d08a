/** A statement that a client has wholly said to Postgres, and to which it now waits for the answer. */
export interface Request {
  isCommit: boolean
  /** One of the prepared statements that write a batch of messages. */
  isSend: boolean
}

const HEAD_BYTES = 5

/**
 * Reads what a client says to Postgres, from anywhere in between on: a message is a letter, its length and its content
 * (https://www.postgresql.org/docs/18/protocol-message-formats.html). A connection's first message has no letter and begins with a
 * zero, as no letter does.
 */
export class RequestReader {
  #rest: Buffer = Buffer.alloc(0)
  #isSend = false

  /** The statements that this piece completes. */
  read(piece: Buffer): Request[] {
    const requests: Request[] = []
    let rest = Buffer.concat([this.#rest, piece])
    while (rest.length >= HEAD_BYTES) {
      const isFirst = rest[0] === 0
      const bytes = isFirst ? rest.readUInt32BE(0) : rest.readUInt32BE(1) + 1
      if (rest.length < bytes) break
      const [letter, content] = [String.fromCharCode(rest[0] ?? 0), rest.subarray(isFirst ? 4 : HEAD_BYTES, bytes)]
      requests.push(...this.#take(letter, content))
      rest = rest.subarray(bytes)
    }
    this.#rest = rest
    return requests
  }

  #take(letter: string, content: Buffer): Request[] {
    // Query: the text. Bind: the names of the portal and of the statement. Sync: what was bound and executed is to be committed.
    if (letter === 'Q') return [{ isCommit: /^commit\b/i.test(content.toString('utf8')), isSend: false }]
    if (letter === 'B') this.#isSend = (content.toString('latin1').split('\0', 2)[1] ?? '').startsWith('send-')
    if (letter !== 'S') return []
    const isSend = this.#isSend
    this.#isSend = false
    return [{ isCommit: false, isSend }]
  }
}
