import type { HiddenChange, InboxEvent } from '../../shared/inbox.ts'
import { toInbox } from '../../shared/inbox-state.ts'
import type { LogEvent, MessageEvent } from '../../shared/room-event.ts'
import { patiently } from '../db/patient-read.ts'
import { ChatError } from '../errors/chat-error.ts'
import { Wakeup } from '../lib/wakeup.ts'
import { readMyRoom } from '../room/room-read.ts'
import type { Services, Session } from '../rpc/context.ts'
import { FollowedThreads } from '../thread/followed-threads.ts'
import { LiveEvent, type LiveSink, type LiveStream, liveStream } from '../transport/live-stream.ts'
import { type CountedRoom, listed, readCountedRooms } from './inbox-read.ts'
import { MAX_FOLLOWED, QuietRooms } from './quiet-rooms.ts'

/** Bound on events that wait for a slow reader. Above it they are dropped and a new snapshot replaces them. */
const MAX_QUEUE = 1_000

/** Bound on rooms changed since the last look. Above it a new snapshot replaces the changes. */
const MAX_TOLD = 100

interface FollowedRoom {
  fromSeq: number
  /** The latest change known, and the history that it belongs to. */
  lastSeq: number
  epoch: string
  hasHiddenUnread: boolean
  isArchived: boolean
  /** The viewer's last known read position, and whether a mention above it is known. */
  readSeq: number
  hasMentions: boolean
  /**
   * The number of the latest marker move here, and of the latest one that the counts include. While they differ, the marker may
   * have moved back: the viewer's read position is in doubt, and any change of a message makes the room be counted again.
   */
  move: number
  countedMove: number
  stop: () => void
}

/** The services that an inbox stream needs. */
export type InboxServices = Pick<Services, 'database' | 'feeds' | 'inboxRelays' | 'userWatch'>

/** A room with the number of the latest marker move before it was counted. */
type Counted = CountedRoom & { asOfMove: number }

const isInDoubt = ({ move, countedMove }: FollowedRoom) => move > countedMove

/** One user's inbox over all rooms: a snapshot of the counts, then changes until the signal aborts. */
export function inboxStream(services: InboxServices, session: Session, signal: AbortSignal): LiveStream<InboxEvent> {
  return liveStream(
    (sink) => attach(services, session, signal, sink),
    () => iterate(services, session, signal),
  )
}

async function* iterate(
  services: InboxServices,
  session: Session,
  signal: AbortSignal,
): AsyncGenerator<InboxEvent, void> {
  const inbox = await InboxStream.open(services, session)
  try {
    while (!signal.aborted) {
      for (const event of await patiently(signal, () => inbox.take())) yield event.data
      await inbox.changed(signal)
    }
  } finally {
    inbox.close()
  }
}

async function attach(
  services: InboxServices,
  session: Session,
  signal: AbortSignal,
  sink: LiveSink<InboxEvent>,
): Promise<void> {
  const inbox = await InboxStream.open(services, session)
  try {
    while (!signal.aborted && !sink.signal.aborted) {
      for (const event of await patiently(signal, () => inbox.take())) {
        if (!sink.send(event)) await sink.drained()
      }
      await inbox.changed(signal, (event) => sink.send(event))
    }
  } finally {
    inbox.close()
  }
}

type Sent = LiveEvent<InboxEvent>

class InboxStream {
  readonly #wakeup = new Wakeup()
  readonly #services: InboxServices
  readonly #session: Session
  /** At most MAX_FOLLOWED, ordered by last activity, oldest first. */
  readonly #rooms = new Map<string, FollowedRoom>()
  readonly #quiet = new QuietRooms(() => {
    this.#areRoomsStale = true
    this.#wakeUp()
  })
  readonly #threads: FollowedThreads
  #queue: Sent[] = []
  /** Takes events that need no database read while the reader waits. */
  #forward: ((event: Sent) => void) | undefined
  /** Rooms whose counts must be read again. */
  #stale = new Set<string>()
  /** Number of moves of the viewer's markers, over all rooms. */
  #moves = 0
  /** Messages that were hidden or shown again, in stale rooms. */
  #hidden: { roomId: string; change: HiddenChange }[] = []
  #areRoomsStale = false
  #needsSnapshot = true
  #isClosed = false
  #unwatch: (() => void) | undefined

  private constructor(services: InboxServices, session: Session) {
    this.#services = services
    this.#session = session
    this.#threads = new FollowedThreads(services, session, () => this.#wakeUp())
  }

  static async open(services: InboxServices, session: Session): Promise<InboxStream> {
    const inbox = new InboxStream(services, session)
    inbox.#unwatch = await services.userWatch.watch(session.tenantId, session.userId, {
      onChange: () => inbox.#noteRoomsChanged(),
      onMessage: (message) => {
        if (message.type === 'viewer.changed') inbox.#noteMove(message.roomId)
        if (message.type === 'message.hidden') inbox.#noteHidden(message.roomId, message.change)
        if (message.type === 'threads.changed') inbox.#threads.note()
      },
    })
    return inbox
  }

  /** Resolves when `take` has events. Events that don't need `take` are passed to `forward` until then. */
  async changed(signal: AbortSignal, forward?: (event: Sent) => void): Promise<void> {
    this.#forward = this.#queue.length === 0 ? forward : undefined
    await this.#wakeup.wait(signal)
    this.#forward = undefined
  }

  #noteRoomsChanged(): void {
    this.#areRoomsStale = true
    this.#threads.note()
    this.#wakeUp()
  }

  #noteRoomChanged(roomId: string): void {
    this.#stale.add(roomId)
    if (this.#stale.size > MAX_QUEUE) {
      this.#stale.clear()
      this.#needsSnapshot = true
    }
    this.#wakeUp()
  }

  #noteMove(roomId: string): void {
    this.#moves++
    const room = this.#rooms.get(roomId)
    if (room) room.move = this.#moves
    this.#noteRoomChanged(roomId)
  }

  #noteHidden(roomId: string, change: HiddenChange): void {
    const room = this.#rooms.get(roomId)
    if (room && change.isHidden) room.hasHiddenUnread = true
    this.#hidden.push({ roomId, change })
    if (this.#hidden.length > MAX_QUEUE) {
      this.#hidden = []
      this.#needsSnapshot = true
    }
    this.#noteRoomChanged(roomId)
    this.#threads.note()
  }

  /** From here on every event waits for `take`, which keeps the order. */
  #wakeUp(): void {
    this.#forward = undefined
    this.#wakeup.wake()
  }

  /** The events to send now. A failure loses nothing: the next call begins with a snapshot. */
  async take(): Promise<Sent[]> {
    const isAnew = this.#needsSnapshot
    this.#needsSnapshot = false
    try {
      return isAnew ? [await this.#snapshot()] : await this.#changes()
    } catch (error) {
      this.#needsSnapshot = true
      throw error
    }
  }

  async #changes(): Promise<Sent[]> {
    const events = this.#queue
    this.#queue = []
    if (this.#areRoomsStale) {
      this.#areRoomsStale = false
      events.push(...(await this.#compareRooms()))
    }
    const [stale, hidden] = [[...this.#stale], Map.groupBy(this.#hidden, ({ roomId }) => roomId)]
    this.#stale.clear()
    this.#hidden = []
    for (const roomId of stale) {
      const [counted] = await this.#countRooms(roomId)
      if (counted) this.#remember(counted)
      if (!counted || counted.isArchived) continue
      const changes = hidden.get(roomId)?.map(({ change }) => change)
      const { counts, settings } = counted
      events.push(new LiveEvent({ type: 'viewer', ...counts, settings, ...(changes ? { hidden: changes } : {}) }))
    }
    const threads = await this.#threads.changes()
    if (threads) events.push(new LiveEvent({ type: 'threads', ...threads }))
    return events
  }

  /** Ignores rooms that are not followed: the next look reports their changes, which are more than counts. */
  #remember({ counts: { roomId, readSeq, mentions }, epoch, hasHiddenUnread, asOfMove: countedMove }: Counted): void {
    const room = this.#rooms.get(roomId)
    if (room) Object.assign(room, { readSeq, epoch, hasMentions: mentions > 0, hasHiddenUnread, countedMove })
  }

  close(): void {
    this.#isClosed = true
    this.#quiet.clear()
    this.#unwatch?.()
    this.#threads.close()
    for (const room of this.#rooms.values()) room.stop()
    this.#rooms.clear()
  }

  /** Follows the rooms before counting them, so that no message is missed. A room that appears meanwhile causes another round. */
  async #snapshot(): Promise<Sent> {
    this.#areRoomsStale = false
    this.#stale.clear()
    this.#hidden = []
    this.#quiet.clear()
    for (let isFirst = true; ; isFirst = false) {
      // The counts include all that was queued until now. Events that arrive during the count may not be included; their seq
      // tells.
      this.#queue = []
      const counted = (await this.#countRooms()).sort((one, other) => one.activeAt.getTime() - other.activeAt.getTime())
      // The set of followed rooms is chosen once: otherwise rooms that become active meanwhile would cause round after round.
      const wanted = new Set(counted.slice(isFirst ? -MAX_FOLLOWED : 0).map(({ counts }) => counts.roomId))
      for (const roomId of this.#rooms.keys()) if (!wanted.has(roomId)) this.#unfollow(roomId)
      const added = counted.filter(({ counts: { roomId } }) => !this.#rooms.has(roomId) && !this.#quiet.get(roomId))
      const followed = added.splice(Math.max(0, added.length - (MAX_FOLLOWED - this.#rooms.size)))
      for (const { counts, epoch, isArchived } of added)
        this.#quiet.put(counts.roomId, { ...counts, epoch, isArchived })
      await Promise.all(followed.map((room) => this.#follow(room)))
      if (followed.length > 0) continue
      for (const room of counted) {
        const { counts, epoch, isArchived } = room
        this.#remember(room)
        if (this.#quiet.get(counts.roomId)) this.#quiet.put(counts.roomId, { ...counts, epoch, isArchived })
      }
      this.#quiet.lookLater()
      const threads = await this.#threads.read()
      return new LiveEvent({ type: 'inbox.snapshot', ...toInbox(listed(counted), threads) })
    }
  }

  /** Reports which rooms were added and removed, and which rooms that are not followed had activity. */
  async #compareRooms(): Promise<Sent[]> {
    const counted = await this.#countRooms()
    this.#quiet.lookLater()
    const present = new Set(counted.map(({ counts }) => counts.roomId))
    const events: Sent[] = []
    for (const roomId of [...this.#rooms.keys(), ...this.#quiet.ids]) {
      if (present.has(roomId)) continue
      this.#unfollow(roomId)
      this.#quiet.delete(roomId)
      events.push(new LiveEvent({ type: 'room.removed', roomId }))
    }
    const changed = counted.filter((room) => this.#isNews(room))
    if (this.#quiet.size > 0 && changed.length > MAX_TOLD) return [await this.#snapshot()]
    for (const room of changed) {
      const { roomId } = room.counts
      const followed = this.#rooms.get(roomId)
      const wasListed = this.#quiet.get(roomId)?.isArchived === false
      if (followed) followed.isArchived = room.isArchived
      else await this.#promote(room)
      if (room.isArchived && wasListed) events.push(new LiveEvent({ type: 'room.removed', roomId }))
      if (room.isArchived) continue
      const added = await this.#readAdded(roomId)
      if (!added) continue
      // A mention between the count and the start of following is among the events sent, and has to be remembered.
      const addedRoom = this.#rooms.get(roomId)
      if (addedRoom) addedRoom.hasMentions ||= added.viewer.mentions > 0
      events.push(new LiveEvent({ type: 'room.added', room: added }))
    }
    return events
  }

  #isNews({ counts: { roomId, lastSeq }, epoch, isArchived }: CountedRoom): boolean {
    const followed = this.#rooms.get(roomId)
    if (followed) return followed.isArchived !== isArchived
    const quiet = this.#quiet.get(roomId)
    return quiet?.lastSeq !== lastSeq || quiet.epoch !== epoch || quiet.isArchived !== isArchived
  }

  /** Follows a room that had activity, in exchange for the one that was quiet longest. */
  async #promote(room: Counted): Promise<void> {
    this.#quiet.delete(room.counts.roomId)
    const [quietest] = this.#rooms.size >= MAX_FOLLOWED ? this.#rooms : []
    if (quietest) {
      this.#quiet.put(...quietest)
      this.#unfollow(quietest[0])
      this.#quiet.lookLater()
    }
    await this.#follow(room)
    this.#threads.note()
  }

  async #readAdded(roomId: string) {
    try {
      return await readMyRoom(this.#services, this.#session, roomId)
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      // The room is gone already; the next change reports that.
      return undefined
    }
  }

  async #countRooms(roomId?: string): Promise<Counted[]> {
    const { database } = this.#services
    const asOfMove = this.#moves
    const rooms = await readCountedRooms(database, database.db, this.#session, roomId)
    return rooms.map((room) => Object.assign(room, { asOfMove }))
  }

  async #follow({ counts, epoch, fromSeq, isArchived, hasHiddenUnread, asOfMove }: Counted): Promise<void> {
    const { roomId, lastSeq, readSeq, mentions } = counts
    const { feed, release } = await this.#services.feeds.acquire(this.#session.tenantId, roomId)
    if (this.#isClosed) return release()
    feed.start(epoch, lastSeq)
    const unlisten = this.#services.inboxRelays.of(feed).listen({
      onLog: (event) => this.#notice(roomId, event),
      onTold: (event, messageSeq = fromSeq) => {
        if (messageSeq >= fromSeq) this.#tell(event)
      },
      onRestart: () => {
        this.#noteRoomChanged(roomId)
        this.#threads.note()
      },
    })
    this.#rooms.set(roomId, {
      fromSeq,
      lastSeq,
      epoch,
      isArchived,
      hasHiddenUnread,
      readSeq,
      hasMentions: mentions > 0,
      move: this.#moves,
      countedMove: asOfMove,
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

  /** Records what this event means for the counts and the list of rooms, in addition to the events made from it. */
  #notice(roomId: string, event: LogEvent): void {
    const room = this.#rooms.get(roomId)
    if (!room) return
    room.lastSeq = event.seq
    // Reinserting makes it the most recently active one.
    this.#rooms.delete(roomId)
    this.#rooms.set(roomId, room)
    this.#threads.noteEvent(event)
    if ('message' in event) this.#noticeMentions(room, event)
    if (event.type === 'room.deleted' || this.#isOwnLeave(event)) {
      this.#unfollow(roomId)
      this.#tell(new LiveEvent({ type: 'room.removed', roomId }))
      // The user may have left and rejoined.
      this.#noteRoomsChanged()
    } else if ('room' in event && (event.room.archivedAt !== null) !== room.isArchived) {
      if (event.room.archivedAt) {
        room.isArchived = true
        this.#tell(new LiveEvent({ type: 'room.removed', roomId }))
      }
      this.#noteRoomsChanged()
    }
    // The counts that were sent may already exclude it.
    if (event.type === 'message.deleted' && (room.hasHiddenUnread || isInDoubt(room))) this.#noteRoomChanged(roomId)
    // Current rows filled a wider interval. The changes within it have to be recounted.
    if (event.seq - event.prev > 1) this.#noteRoomChanged(roomId)
  }

  /**
   * An edited or deleted message no longer shows whom it mentioned. If it may have mentioned the viewer and is unread, the room
   * is counted again.
   */
  #noticeMentions(room: FollowedRoom, { type, message }: MessageEvent): void {
    const { roomId, seq, threadId, senderId, isOnBehalf, mentions, mentionsRoom } = message
    const { userId } = this.#session
    if (threadId !== null) return
    const isMentioned = senderId !== userId && (mentionsRoom || mentions.includes(userId))
    if (type !== 'message.created') {
      const mayCount = seq > room.readSeq && (room.hasMentions || isMentioned)
      if (mayCount || isInDoubt(room)) this.#noteRoomChanged(roomId)
    } else if (senderId === userId && !isOnBehalf) {
      Object.assign(room, { readSeq: seq, hasMentions: false })
    } else if (isMentioned) {
      room.hasMentions = true
    }
  }

  #tell(event: Sent): void {
    if (this.#forward) this.#forward(event)
    else this.#enqueue(event)
  }

  #enqueue(event: Sent): void {
    this.#queue.push(event)
    if (this.#queue.length > MAX_QUEUE) {
      this.#queue = []
      this.#needsSnapshot = true
    }
    this.#wakeup.wake()
  }

  #isOwnLeave(event: LogEvent): boolean {
    return 'member' in event && event.member.userId === this.#session.userId && event.member.leftAt !== null
  }
}
