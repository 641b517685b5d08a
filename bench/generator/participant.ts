import { createHmac } from 'node:crypto'
import { subscriptionIdOf, TOKEN_SECRET } from '../peers/layout.ts'
import { type OnText, RawWebSocket } from './raw-web-socket.ts'

/** What is heard from the participants of a run. */
export interface Audience {
  /** It has said who it is and is subscribed. */
  onReady(participant: Participant): void
  onDelivered(participant: Participant, mark: number): void
  /** An inbox began anew: what was published before counts as delivered. */
  onSnapshot(participant: Participant): void
  /** The answer to a send or a query, by its number. */
  onAnswered(participant: Participant, call: number, refusal: string | undefined): void
  onClosed(participant: Participant, why: string): void
}

/** What a participant listens to. */
export type Subscription = 'room' | 'inbox' | 'none'

export interface ParticipantOptions {
  /** Its number in the crowd. */
  index: number
  userId: string
  roomId: string
  port: number
  subscription: Subscription
  /** Keeps the place of the last event, to come back to. */
  keepsPlace: boolean
  /** Where it was before it was dropped. */
  place: string | undefined
}

/** One user on one socket; each dialect says the same in its own words. */
export abstract class Participant {
  readonly index: number
  readonly userId: string
  readonly roomId: string
  readonly subscription: Subscription
  readonly subscriptionId: number
  protected readonly keepsPlace: boolean
  protected readonly socket: RawWebSocket
  protected readonly audience: Audience
  /** From which its subscription would go on. */
  place: string | undefined
  isReady = false
  /** By its own will. */
  isGone = false

  constructor(options: ParticipantOptions, audience: Audience, path: string) {
    this.index = options.index
    this.userId = options.userId
    this.roomId = options.roomId
    this.subscription = options.subscription
    this.subscriptionId = subscriptionIdOf(options.index)
    this.keepsPlace = options.keepsPlace
    this.place = options.place
    this.audience = audience
    const onText: OnText = (bytes, start, end) => this.read(bytes, start, end)
    this.socket = new RawWebSocket({
      port: options.port,
      path,
      onOpen: () => this.greet(),
      onText,
      onClose: (code, reason) => audience.onClosed(this, `${code} ${reason}`.trim()),
    })
  }

  /** Sends a message to its room; the answer comes as `onAnswered(number)`. */
  abstract send(call: number, text: string): void
  /** Asks for a page of the room's history; `cursor` is what the page before gave. */
  abstract query(call: number, path: string, input: object): void
  protected abstract greet(): void
  protected abstract read(bytes: Buffer, start: number, end: number): void

  pause(): void {
    this.socket.pause()
  }

  /** Gone without a goodbye. */
  drop(): void {
    this.isGone = true
    this.socket.drop()
  }

  close(): void {
    this.isGone = true
    this.socket.close()
  }

  /** Where a dialect can. */
  unsubscribe(): void {}

  protected becomeReady(): void {
    if (this.isReady) return
    this.isReady = true
    this.audience.onReady(this)
  }
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const HEADER = encode({ alg: 'HS256', typ: 'JWT' })
const LIFETIME_S = 3_600

export function tokenOf(userId: string): string {
  const iat = Math.floor(Date.now() / 1_000)
  const content = `${HEADER}.${encode({ sub: userId, iat, exp: iat + LIFETIME_S })}`
  return `${content}.${createHmac('sha256', TOKEN_SECRET).update(content).digest('base64url')}`
}
