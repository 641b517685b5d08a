import { formatPosition, type Position, parsePosition } from '../../../shared/position.ts'
import type { LogEvent, ResetReason, RoomEvent } from '../../../shared/room-event.ts'
import { type Access, endsMembership, readAccess } from '../../access/access.ts'
import { patiently } from '../../db/patient-read.ts'
import { readSnapshot } from '../../db/transaction.ts'
import { ChatError } from '../../errors/chat-error.ts'
import { userKey } from '../../lib/keys.ts'
import { Wakeup } from '../../lib/wakeup.ts'
import type { Services, Session } from '../../rpc/context.ts'
import { paidRead } from '../../rpc/paid-read.ts'
import { LiveEvent } from '../../transport/live-stream.ts'
import { positionRefusal } from '../position-refusal.ts'
import { readLog, visibleFrom } from '../room-log.ts'
import type { FeedEvent } from './feed-event.ts'
import type { RoomFeed } from './room-feed.ts'

export interface RoomFollowing {
  services: Pick<Services, 'access' | 'catchUps' | 'database' | 'feeds' | 'queryTurns' | 'rateLimits'>
  session: Session
  roomId: string
  signal: AbortSignal
}

type Sent = LiveEvent<RoomEvent>

const PAGE_ROWS = 100

/**
 * One subscriber of a room, following it without a hole: (1) acquire the feed, so that nothing committed from here on is missed;
 * (2) check the right and read where the room stands; (3) replay from the ring where the place lies inside it, else from the database
 * page by page until it does; (4) go on from the ring. A follower is a place in the room's log and nothing more: the ring is
 * everybody's buffer, and who falls behind it reads the database again.
 */
export class RoomFollower {
  readonly #following: RoomFollowing
  readonly #feed: RoomFeed
  readonly #release: () => void
  readonly #wakeup = new Wakeup()
  #access: Access
  #place: Position
  /** What is to be said before anything else: the `ready`, and why the place asked for can't be honoured. */
  #first: Sent | undefined
  #reset: ResetReason | undefined
  #isComplete = false

  /** @throws ChatError NOT_FOUND, NOT_A_MEMBER */
  static async open(following: RoomFollowing, lastEventId: string | undefined): Promise<RoomFollower> {
    const { services, session, roomId } = following
    const { feed, release } = await services.feeds.acquire(session.tenantId, roomId)
    try {
      const access = await services.access.read(session, roomId)
      return new RoomFollower(following, { feed, release, access }, lastEventId)
    } catch (error) {
      release()
      throw error
    }
  }

  private constructor(
    following: RoomFollowing,
    { feed, release, access }: { feed: RoomFeed; release: () => void; access: Access },
    lastEventId: string | undefined,
  ) {
    this.#following = following
    this.#feed = feed
    this.#release = release
    this.#access = access
    const here = this.#here(access)
    feed.start(here.epoch, here.seq)
    const asked = lastEventId === undefined ? undefined : parsePosition(lastEventId)
    // The position asked for, also where it can't be honoured, so that a cut before the `reset` loses nothing.
    this.#place = asked ?? here
    this.#reset = asked && positionRefusal(asked, here, access)
    const { epoch, seq } = this.#place
    this.#first = sent(epoch, { type: 'ready', seq, prev: seq })
  }

  /** The room is deleted, and its last event sent. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** What comes next for this subscriber that is already there; nothing where it has caught up. */
  async behind(): Promise<Sent[]> {
    if (this.#first) {
      const first = this.#first
      this.#first = undefined
      return [first]
    }
    if (this.#feed.epoch !== this.#place.epoch) this.#reset ??= 'epoch'
    if (this.#reset) return [await this.#startAnew(this.#reset)]
    const { services, session, signal } = this.#following
    const recent = this.#recent()
    if (recent) {
      const { seq } = this.#place
      const logs = recent.map(({ log }) => log)
      services.rateLimits?.charge(session, logs)
      return this.#upToLeave(recent, ({ log }) => log).map((event) => event.seenFrom(seq, this.#access.fromSeq))
    }
    // A replay is paid for page by page: what lies behind can be thousands of large events.
    const readInTurn = () => services.catchUps.run(userKey(session), signal, () => this.#readPage())
    const page = await patiently(signal, () => paidRead(services, session, signal, readInTurn))
    if (typeof page === 'string') return [await this.#startAnew(page)]
    const { fromSeq } = this.#access
    return this.#upToLeave(page, (event) => event).map((event) => sent(this.#place.epoch, visibleFrom(event, fromSeq)))
  }

  /** What follows in the ring; undefined where the ring does not reach back to the place. */
  #recent(): FeedEvent[] | undefined {
    const { seq } = this.#place
    const events = this.#feed.after(seq)
    const first = events?.[0]
    return (first ? first.log.prev <= seq : this.#feed.head <= seq) ? events : undefined
  }

  /** The event was sent: the place is behind it now. */
  passed({ data }: Sent): void {
    this.#place = { epoch: this.#place.epoch, seq: data.seq }
    if (data.type === 'room.deleted') this.#isComplete = true
  }

  /** Resolves when there may be more. */
  changed(): Promise<void> {
    return this.#listenWhile(() => false)
  }

  /** Hands over each event as it happens, without a promise for it. Resolves when that has to stop. Only after catching up. */
  live(send: (event: Sent) => void): Promise<void> {
    return this.#listenWhile((events) => this.#sendLive(events, send))
  }

  close(): void {
    this.#release()
  }

  async #listenWhile(goesOn: (events: FeedEvent[]) => boolean): Promise<void> {
    const unlisten = this.#feed.listen({
      onEvents: (events) => {
        if (!goesOn(events)) this.#wakeup.wake()
      },
      onRestart: () => this.#wakeup.wake(),
    })
    // What came before the listener did is looked for once more.
    if (this.#feed.head > this.#place.seq || this.#feed.epoch !== this.#place.epoch) this.#wakeup.wake()
    await this.#wakeup.wait(this.#following.signal)
    unlisten()
  }

  /** False where these events can't all be sent so: the room is deleted, the right has ended, or something lies between. */
  #sendLive(events: FeedEvent[], send: (event: Sent) => void): boolean {
    for (const event of events) {
      if (event.seq <= this.#place.seq) continue
      if (event.log.prev > this.#place.seq) return false
      if (event.isOfMember && endsMembership(event.log, this.#access)) return false
      const visible = event.seenFrom(this.#place.seq, this.#access.fromSeq)
      send(visible)
      this.passed(visible)
    }
    return !this.#isComplete
  }

  /** What may still be sent: up to the end of the caller's own membership. @throws ChatError NOT_A_MEMBER where nothing is left */
  #upToLeave<T>(events: T[], logOf: (event: T) => LogEvent): T[] {
    const leave = events.findIndex((event) => endsMembership(logOf(event), this.#access))
    if (leave === 0) throw new ChatError('NOT_A_MEMBER')
    return leave === -1 ? events : events.slice(0, leave)
  }

  async #startAnew(reason: ResetReason): Promise<Sent> {
    const { services, session, roomId, signal } = this.#following
    this.#access = await patiently(signal, () => services.access.read(session, roomId))
    this.#place = this.#here(this.#access)
    this.#reset = undefined
    const { epoch, seq } = this.#place
    this.#feed.start(epoch, seq)
    return sent(epoch, { type: 'reset', reason, seq })
  }

  /** The next rows of the log from the database, with the right to them checked in the same snapshot. */
  #readPage(): Promise<LogEvent[] | ResetReason> {
    const { services, session, roomId } = this.#following
    return readSnapshot(services.database.db, async (tx) => {
      const access = await readAccess(tx, session, roomId)
      const refused = positionRefusal(this.#place, this.#here(access), access)
      if (refused) return refused
      return (await readLog(tx, services.database, access.room, this.#place.seq, PAGE_ROWS)).events
    })
  }

  #here({ room }: Access): Position {
    return { epoch: this.#following.services.database.epochOf(room.epoch_seed), seq: room.last_seq }
  }
}

const sent = (epoch: string, event: RoomEvent): Sent => new LiveEvent(event, formatPosition(epoch, event.seq))
