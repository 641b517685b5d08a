import type { InboxEvent } from '../../shared/inbox.ts'
import { toInbox } from '../../shared/inbox-state.ts'
import type { LogEvent } from '../../shared/room-event.ts'
import { patiently } from '../feed/patient-read.ts'
import type { RoomFeed } from '../feed/room-feed.ts'
import { Wakeup } from '../feed/wakeup.ts'
import { readMyRoom } from '../room/room-read.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { toInboxEvent } from './inbox-event.ts'
import { type CountedRoom, readCountedRooms } from './inbox-read.ts'

/** Events that wait for a slow reader; above it they are dropped and a new snapshot says it all. */
const MAX_QUEUE = 1_000

interface FollowedRoom {
  feed: RoomFeed
  stop: () => void
}

/** One user's inbox over all rooms: a snapshot of the counts, then what changes, until the signal aborts. */
export async function* inboxStream(
  services: Services,
  session: Session,
  signal: AbortSignal,
): AsyncGenerator<InboxEvent, void> {
  const inbox = new InboxStream(services, session)
  const unwatch = await services.userWatch.watch(session.tenantId, session.userId, {
    onChange: () => inbox.noteRoomsChanged(),
    onMessage: (message) => {
      if (message.type === 'marker.moved') inbox.noteRoomChanged(message.roomId)
    },
  })
  try {
    while (!signal.aborted) {
      yield* await patiently(signal, () => inbox.take())
      await inbox.wakeup.wait(signal)
    }
  } finally {
    unwatch()
    inbox.close()
  }
}

class InboxStream {
  readonly wakeup = new Wakeup()
  readonly #services: Services
  readonly #session: Session
  readonly #rooms = new Map<string, FollowedRoom>()
  #queue: InboxEvent[] = []
  /** Rooms whose counts are to be read anew. */
  #stale = new Set<string>()
  #areRoomsStale = false
  #needsSnapshot = true
  #isClosed = false

  constructor(services: Services, session: Session) {
    this.#services = services
    this.#session = session
  }

  noteRoomsChanged(): void {
    this.#areRoomsStale = true
    this.wakeup.wake()
  }

  noteRoomChanged(roomId: string): void {
    this.#stale.add(roomId)
    this.wakeup.wake()
  }

  /** What there is to say now. A failure loses nothing: the next call begins with a snapshot. */
  async take(): Promise<InboxEvent[]> {
    const isAnew = this.#needsSnapshot
    this.#needsSnapshot = false
    try {
      return isAnew ? [await this.#snapshot()] : await this.#changes()
    } catch (error) {
      this.#needsSnapshot = true
      throw error
    }
  }

  async #changes(): Promise<InboxEvent[]> {
    const events = this.#queue
    this.#queue = []
    if (this.#areRoomsStale) {
      this.#areRoomsStale = false
      events.push(...(await this.#compareRooms()))
    }
    const stale = [...this.#stale]
    this.#stale.clear()
    for (const roomId of stale) {
      const [counted] = await readCountedRooms(this.#services.database, this.#session, roomId)
      if (counted) events.push({ type: 'viewer', ...counted.counts })
    }
    return events
  }

  close(): void {
    this.#isClosed = true
    for (const room of this.#rooms.values()) room.stop()
    this.#rooms.clear()
  }

  /** Follows the rooms first and counts then, so that no message falls between; a room that came meanwhile takes another round. */
  async #snapshot(): Promise<InboxEvent> {
    this.#areRoomsStale = false
    this.#stale.clear()
    while (true) {
      const counted = await readCountedRooms(this.#services.database, this.#session)
      const added = counted.filter(({ counts }) => !this.#rooms.has(counts.roomId))
      await Promise.all(added.map((room) => this.#follow(room)))
      const present = new Set(counted.map(({ counts }) => counts.roomId))
      for (const roomId of this.#rooms.keys()) if (!present.has(roomId)) this.#unfollow(roomId)
      if (added.length > 0) continue
      // What was queued before the counts were read is in them.
      this.#queue = []
      return { type: 'inbox.snapshot', ...toInbox(counted.map(({ counts }) => counts)) }
    }
  }

  /** Says which rooms came and went since. */
  async #compareRooms(): Promise<InboxEvent[]> {
    const counted = await readCountedRooms(this.#services.database, this.#session)
    const present = new Set(counted.map(({ counts }) => counts.roomId))
    const events: InboxEvent[] = []
    for (const roomId of this.#rooms.keys()) {
      if (present.has(roomId)) continue
      this.#unfollow(roomId)
      events.push({ type: 'room.removed', roomId })
    }
    for (const room of counted) {
      if (this.#rooms.has(room.counts.roomId)) continue
      await this.#follow(room)
      const added = await this.#readAdded(room.counts.roomId)
      if (added) events.push({ type: 'room.added', room: added })
    }
    return events
  }

  async #readAdded(roomId: string) {
    try {
      return await readMyRoom(this.#services, this.#session, roomId)
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      // Gone again already, which the next change says.
      return undefined
    }
  }

  async #follow({ counts: { roomId, lastSeq }, epoch }: CountedRoom): Promise<void> {
    const { feed, release } = await this.#services.feeds.acquire(this.#session.tenantId, roomId)
    if (this.#isClosed) return release()
    feed.start(epoch, lastSeq)
    const unlisten = feed.listen({
      onEvents: (events) => this.#receive(roomId, events),
      onRestart: () => this.noteRoomChanged(roomId),
    })
    this.#rooms.set(roomId, {
      feed,
      stop: () => {
        unlisten()
        release()
      },
    })
  }

  #unfollow(roomId: string): void {
    this.#rooms.get(roomId)?.stop()
    this.#rooms.delete(roomId)
  }

  #receive(roomId: string, events: LogEvent[]): void {
    for (const event of events) {
      if (event.type === 'room.deleted' || this.#isOwnLeave(event) || this.#changesArchive(event))
        this.#areRoomsStale = true
      // A wider interval was filled with rows as they are now: what happened in between is counted anew.
      if (event.seq - event.prev > 1) this.#stale.add(roomId)
      const told = toInboxEvent(event)
      if (told) this.#queue.push(told)
    }
    if (this.#queue.length > MAX_QUEUE) {
      this.#queue = []
      this.#needsSnapshot = true
    }
    this.wakeup.wake()
  }

  #isOwnLeave(event: LogEvent): boolean {
    return 'member' in event && event.member.userId === this.#session.userId && event.member.leftAt !== null
  }

  #changesArchive(event: LogEvent): boolean {
    return 'room' in event && event.room.archivedAt !== null
  }
}
