import { randomUUID } from 'node:crypto'
import { readMark } from '../peers/marked-text.ts'
import { type Audience, Participant, type ParticipantOptions, tokenOf } from './participant.ts'

interface Frame {
  id: number | string | null
  result?: { type?: string; data?: { json?: { id?: string; type?: string; data?: { type?: string } } } }
  error?: { json?: { message?: string }; message?: string }
}

/** Calls are numbered beyond every subscription's id. */
const FIRST_CALL = 1_000
/** What every frame of a healthy run begins with: `{"id":`, the number, `,"result"`. */
const BEFORE_ID = '{"id":'.length
const CHARACTER = { zero: 0x30, comma: 0x2c, i: 0x69, r: 0x72, P: 0x50 }

/** Speaks tRPC's WebSocket protocol: to Confab, and to the stock adapter. */
export class TrpcParticipant extends Participant {
  readonly #startsWithEvent: boolean

  /** `startsWithEvent`: the subscription counts as begun with its first event, as Confab's do, else with its `started`. */
  constructor(options: ParticipantOptions, audience: Audience, startsWithEvent: boolean) {
    super(options, audience, '/trpc?connectionParams=1')
    this.#startsWithEvent = startsWithEvent
  }

  send(call: number, text: string): void {
    this.socket.send(
      `{"id":${FIRST_CALL + call},"method":"mutation","params":{"path":"message.send","input":{"json":{"roomId":"${this.roomId}","clientId":"${randomUUID()}","content":"${text}"}}}}`,
    )
  }

  query(call: number, path: string, input: object): void {
    this.socket.send(
      JSON.stringify({ id: FIRST_CALL + call, method: 'query', params: { path, input: { json: input } } }),
    )
  }

  override unsubscribe(): void {
    this.socket.send(JSON.stringify({ id: this.subscriptionId, method: 'subscription.stop' }))
  }

  protected greet(): void {
    this.socket.send(JSON.stringify({ method: 'connectionParams', data: { token: tokenOf(this.userId) } }))
    const { subscriptionId: id, subscription, place } = this
    if (subscription === 'none') {
      this.becomeReady()
      return
    }
    const method = 'subscription'
    const params =
      subscription === 'inbox'
        ? { path: 'inbox.onEvent', input: { json: null } }
        : {
            path: 'room.onEvent',
            input: { json: { roomId: this.roomId, ...(place ? { lastEventId: place } : {}) } },
          }
    this.socket.send(JSON.stringify({ id, method, params }))
  }

  protected read(bytes: Buffer, start: number, end: number): void {
    if (bytes[start] === CHARACTER.P) return this.#answerPing(bytes, start, end)
    if (this.isReady && !this.keepsPlace && bytes[start + 2] === CHARACTER.i) {
      let id = 0
      let at = start + BEFORE_ID
      for (; bytes[at] !== CHARACTER.comma && at < end; at++) id = id * 10 + (bytes[at] ?? 0) - CHARACTER.zero
      if (bytes[at + 2] === CHARACTER.r) {
        if (id >= FIRST_CALL) return this.audience.onAnswered(this, id - FIRST_CALL, undefined)
        const mark = readMark(bytes, at, end)
        if (mark >= 0) return this.audience.onDelivered(this, mark)
      }
    }
    this.#readSlowly(bytes, start, end)
  }

  #answerPing(bytes: Buffer, start: number, end: number): void {
    if (bytes.toString('latin1', start, end) === 'PING') this.socket.send('PONG')
  }

  #readSlowly(bytes: Buffer, start: number, end: number): void {
    const frame: Frame = JSON.parse(bytes.toString('utf8', start, end))
    const refusal = frame.error && (frame.error.json?.message ?? frame.error.message ?? 'error')
    const id = Number(frame.id ?? 0)
    if (id >= FIRST_CALL) return this.audience.onAnswered(this, id - FIRST_CALL, refusal)
    if (refusal !== undefined) return this.audience.onClosed(this, refusal)
    if (frame.result?.type === 'started' && !this.#startsWithEvent) this.becomeReady()
    if (frame.result?.type !== 'data') return
    this.place = frame.result.data?.json?.id ?? this.place
    this.becomeReady()
    if (frame.result.data?.json?.data?.type === 'reset') {
      this.audience.onClosed(this, 'reset instead of a replay')
    }
    if (frame.result.data?.json?.type === 'inbox.snapshot') this.audience.onSnapshot(this)
    const mark = readMark(bytes, start, end)
    if (mark >= 0) this.audience.onDelivered(this, mark)
  }
}
