import { readMark } from '../peers/marked-text.ts'
import type { JoinedAck } from '../peers/socketio-events.ts'
import { type Audience, Participant, type ParticipantOptions, tokenOf } from './participant.ts'

/** The packets of Engine.IO 4 and Socket.IO 5 that are met here, by their first bytes. */
const PACKET = { open: 0x30, ping: 0x32, message: 0x34 }
const MESSAGE = { connect: 0x30, event: 0x32, ack: 0x33, refused: 0x34 }
const DIGIT_ZERO = 0x30
const BRACKET = 0x5b

/** The acknowledgement of the join; those of messages are numbered from 1 on. */
const JOINED = 0

/** Speaks Socket.IO's protocol over WebSocket. */
export class SocketIoParticipant extends Participant {
  constructor(options: ParticipantOptions, audience: Audience) {
    super(options, audience, '/socket.io/?EIO=4&transport=websocket')
  }

  send(call: number, text: string): void {
    this.socket.send(`42${call + 1}["send",{"roomId":"${this.roomId}","content":"${text}"}]`)
  }

  query(): void {
    throw new Error('Unable to query; the peers on Socket.IO offer none')
  }

  /** The server speaks first. */
  protected greet(): void {}

  protected read(bytes: Buffer, start: number, end: number): void {
    const packet = bytes[start]
    if (packet === PACKET.ping) return this.socket.send('3')
    if (packet === PACKET.open) return this.socket.send(`40${JSON.stringify({ token: tokenOf(this.userId) })}`)
    if (packet !== PACKET.message) return
    const kind = bytes[start + 1]
    if (kind === MESSAGE.event) return this.#readEvent(bytes, start, end)
    if (kind === MESSAGE.ack) return this.#readAck(bytes, start, end)
    if (kind === MESSAGE.refused) return this.audience.onClosed(this, bytes.toString('utf8', start, end))
    if (kind === MESSAGE.connect) this.#join()
  }

  #join(): void {
    if (this.subscription === 'none') return this.becomeReady()
    const input = { roomId: this.roomId, ...(this.place ? { after: this.place } : {}) }
    this.socket.send(`42${JOINED}${JSON.stringify(['join', input])}`)
  }

  #readEvent(bytes: Buffer, start: number, end: number): void {
    const mark = readMark(bytes, start, end)
    if (mark < 0) return
    if (this.keepsPlace && !this.#isNew(/"id":"(\d+)"/.exec(bytes.toString('latin1', start, end))?.[1])) return
    this.audience.onDelivered(this, mark)
  }

  /** A message that was missed may also come live, while the client joins again: clients tell by the id. */
  #isNew(id: string | undefined): boolean {
    if (id === undefined || Number(id) <= Number(this.place ?? 0)) return false
    this.place = id
    return true
  }

  #readAck(bytes: Buffer, start: number, end: number): void {
    let call = 0
    let at = start + 2
    for (; bytes[at] !== BRACKET && at < end; at++) call = call * 10 + (bytes[at] ?? 0) - DIGIT_ZERO
    // `[{"error":…` against `[{"id":…`: the third byte tells.
    const isRefused = bytes[at + 3] === 0x65
    if (call !== JOINED) {
      return this.audience.onAnswered(this, call - 1, isRefused ? bytes.toString('utf8', at, end) : undefined)
    }
    const [{ error, messages = [] }]: [JoinedAck] = JSON.parse(bytes.toString('utf8', at, end))
    if (error !== undefined) return this.audience.onClosed(this, error)
    this.becomeReady()
    for (const { id, content } of messages) {
      if (!this.#isNew(id)) continue
      const text = Buffer.from(content)
      this.audience.onDelivered(this, readMark(text, 0, text.length))
    }
  }
}
