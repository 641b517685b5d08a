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
 * Follows a room for one subscriber without gaps: (1) acquire the feed, so that nothing committed from here on is missed; (2)
 * check access and read the room's head; (3) replay from the ring if it covers the position, otherwise page through the log until
 * it does; (4) continue from the ring. A follower holds only a position in the room's log: the ring is the buffer that all
 * subscribers share, and a subscriber that falls behind it reads log pages until the ring covers its position again.
 */
export class RoomFollower {
  readonly #following: RoomFollowing
  readonly #feed: RoomFeed
  readonly #release: () => void
  readonly #wakeup = new Wakeup()
  #access: Access
  #position: Position
  /** Sent before anything else: the `ready`, and the reset reason if the requested position is refused. */
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
    // Keeps the requested position even if it is refused: a disconnect before the `reset` then loses nothing.
    this.#position = asked ?? here
    this.#reset = asked && positionRefusal(asked, here, access)
    const { epoch, seq } = this.#position
    this.#first = sent(epoch, { type: 'ready', seq, prev: seq })
  }

  /** Whether the room was deleted and its last event was sent. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** The next events for this subscriber; empty when it has caught up. */
  async behind(): Promise<Sent[]> {
    if (this.#first) {
      const first = this.#first
      this.#first = undefined
      return [first]
    }
    if (this.#feed.epoch !== this.#position.epoch) this.#reset ??= 'epoch'
    if (this.#reset) return [await this.#startAnew(this.#reset)]
    const { services, session, signal } = this.#following
    const recent = this.#recent()
    if (recent) {
      const { seq } = this.#position
      const logs = recent.map(({ log }) => log)
      services.rateLimits?.charge(session, logs)
      return this.#upToLeave(recent, ({ log }) => log).map((event) => event.seenFrom(seq, this.#access.fromSeq))
    }
    // Each page of a replay is charged separately: thousands of large events may follow.
    const readInTurn = () => services.catchUps.run(userKey(session), signal, () => this.#readPage())
    const page = await patiently(signal, () => paidRead(services, session, signal, readInTurn))
    if (typeof page === 'string') return [await this.#startAnew(page)]
    const { fromSeq } = this.#access
    return this.#upToLeave(page, (event) => event).map((event) =>
      sent(this.#position.epoch, visibleFrom(event, fromSeq)),
    )
  }

  /** The events that follow in the ring; undefined if the ring does not reach back to the position. */
  #recent(): FeedEvent[] | undefined {
    const { seq } = this.#position
    const events = this.#feed.after(seq)
    const first = events?.[0]
    return (first ? first.log.prev <= seq : this.#feed.head <= seq) ? events : undefined
  }

  /** The event was sent: advances the position past it. */
  passed({ data }: Sent): void {
    this.#position = { epoch: this.#position.epoch, seq: data.seq }
    if (data.type === 'room.deleted') this.#isComplete = true
  }

  /** Resolves when there may be more events. */
  changed(): Promise<void> {
    return this.#listenWhile(() => false)
  }

  /**
   * Passes each event to `send` as it happens, without a promise per event. Resolves when that must stop. Call only after
   * catching up.
   */
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
    // Checks again for events that arrived before the listener was added.
    if (this.#feed.head > this.#position.seq || this.#feed.epoch !== this.#position.epoch) this.#wakeup.wake()
    await this.#wakeup.wait(this.#following.signal)
    unlisten()
  }

  /** False if these events can't all be sent this way: the room was deleted, access has ended, or there is a gap. */
  #sendLive(events: FeedEvent[], send: (event: Sent) => void): boolean {
    for (const event of events) {
      if (event.seq <= this.#position.seq) continue
      if (event.log.prev > this.#position.seq) return false
      if (event.isOfMember && endsMembership(event.log, this.#access)) return false
      const visible = event.seenFrom(this.#position.seq, this.#access.fromSeq)
      send(visible)
      this.passed(visible)
    }
    return !this.#isComplete
  }

  /** The events up to the end of the caller's own membership. @throws ChatError NOT_A_MEMBER if none remain */
  #upToLeave<T>(events: T[], logOf: (event: T) => LogEvent): T[] {
    const leave = events.findIndex((event) => endsMembership(logOf(event), this.#access))
    if (leave === 0) throw new ChatError('NOT_A_MEMBER')
    return leave === -1 ? events : events.slice(0, leave)
  }

  async #startAnew(reason: ResetReason): Promise<Sent> {
    const { services, session, roomId, signal } = this.#following
    this.#access = await patiently(signal, () => services.access.read(session, roomId))
    this.#position = this.#here(this.#access)
    this.#reset = undefined
    const { epoch, seq } = this.#position
    this.#feed.start(epoch, seq)
    return sent(epoch, { type: 'reset', reason, seq })
  }

  /** The next rows of the log from the database. The same snapshot checks access to them. */
  #readPage(): Promise<LogEvent[] | ResetReason> {
    const { services, session, roomId } = this.#following
    return readSnapshot(services.database.db, async (tx) => {
      const access = await readAccess(tx, session, roomId)
      const refused = positionRefusal(this.#position, this.#here(access), access)
      if (refused) return refused
      return (await readLog(tx, services.database, access.room, this.#position.seq, PAGE_ROWS)).events
    })
  }

  #here({ room }: Access): Position {
    return { epoch: this.#following.services.database.epochOf(room.epoch_seed), seq: room.last_seq }
  }
}

const sent = (epoch: string, event: RoomEvent): Sent => new LiveEvent(event, formatPosition(epoch, event.seq))
