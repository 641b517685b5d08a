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

/** Events that wait for a slow reader; above it they are dropped and a new snapshot says it all. */
const MAX_QUEUE = 1_000

/** Rooms that changed since the latest look; of more, a new snapshot says it all. */
const MAX_TOLD = 100

interface FollowedRoom {
  fromSeq: number
  /** The latest change that is known of, and its history. */
  lastSeq: number
  epoch: string
  hasHiddenUnread: boolean
  isArchived: boolean
  /** Up to where the viewer is known to have read, and whether a mention above that is known of. */
  readSeq: number
  hasMentions: boolean
  /**
   * Which move of a marker was the latest here, and which one the counts know of. Between the two a marker may have moved back: what is
   * known of the viewer's reading is in doubt, and any change of a message makes the room be counted again.
   */
  move: number
  countedMove: number
  stop: () => void
}

/** What the stream of an inbox needs. */
export type InboxServices = Pick<Services, 'database' | 'feeds' | 'inboxRelays' | 'userWatch'>

/** A room with the number of the latest move of a marker before it was counted. */
type Counted = CountedRoom & { asOfMove: number }

const isInDoubt = ({ move, countedMove }: FollowedRoom) => move > countedMove

/** One user's inbox over all rooms: a snapshot of the counts, then what changes, until the signal aborts. */
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
  /** At most MAX_FOLLOWED, the one that was quiet for longest first. */
  readonly #rooms = new Map<string, FollowedRoom>()
  readonly #quiet = new QuietRooms(() => {
    this.#areRoomsStale = true
    this.#wakeUp()
  })
  readonly #threads: FollowedThreads
  #queue: Sent[] = []
  /** Takes what needs no look at the database, while the reader waits for it. */
  #forward: ((event: Sent) => void) | undefined
  /** Rooms whose counts are to be read anew. */
  #stale = new Set<string>()
  /** How often a marker of the viewer's has moved, in any room. */
  #moves = 0
  /** What was hidden or shown again, in rooms that are stale. */
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

  /** Resolves when `take` has something to say. What needs no `take` is handed to `forward` meanwhile. */
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

  /** From here on everything waits for `take`, so that it is said in order. */
  #wakeUp(): void {
    this.#forward = undefined
    this.#wakeup.wake()
  }

  /** What there is to say now. A failure loses nothing: the next call begins with a snapshot. */
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

  /** Of a room that is not followed nothing: what happened there is the next look's to tell, and more than counts. */
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

  /** Follows the rooms first and counts then, so that no message falls between; a room that came meanwhile takes another round. */
  async #snapshot(): Promise<Sent> {
    this.#areRoomsStale = false
    this.#stale.clear()
    this.#hidden = []
    this.#quiet.clear()
    for (let isFirst = true; ; isFirst = false) {
      // What was queued until now is in the counts; what comes while they are read may not be, and says its seq.
      this.#queue = []
      const counted = (await this.#countRooms()).sort((one, other) => one.activeAt.getTime() - other.activeAt.getTime())
      // Who is followed is chosen once: rooms that become active meanwhile would take round after round.
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

  /** Says which rooms came and went since, and where something happened in one that is not followed. */
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
      // A mention that came after the count and before the room was followed is in what is told, and to be known of.
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

  /** Follows a room in which something has happened, in the place of the one that was quiet for longest. */
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
      // Gone again already, which the next change says.
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

  /** What this event means for the counts and the list of rooms, besides what is told of it. */
  #notice(roomId: string, event: LogEvent): void {
    const room = this.#rooms.get(roomId)
    if (!room) return
    room.lastSeq = event.seq
    // The last one there is the latest.
    this.#rooms.delete(roomId)
    this.#rooms.set(roomId, room)
    this.#threads.noteEvent(event)
    if ('message' in event) this.#noticeMentions(room, event)
    if (event.type === 'room.deleted' || this.#isOwnLeave(event)) {
      this.#unfollow(roomId)
      this.#tell(new LiveEvent({ type: 'room.removed', roomId }))
      // It may have been left and joined again.
      this.#noteRoomsChanged()
    } else if ('room' in event && (event.room.archivedAt !== null) !== room.isArchived) {
      if (event.room.archivedAt) {
        room.isArchived = true
        this.#tell(new LiveEvent({ type: 'room.removed', roomId }))
      }
      this.#noteRoomsChanged()
    }
    // The counts that were told of may leave it out already.
    if (event.type === 'message.deleted' && (room.hasHiddenUnread || isInDoubt(room))) this.#noteRoomChanged(roomId)
    // A wider interval was filled with rows as they are now: what happened in between is counted anew.
    if (event.seq - event.prev > 1) this.#noteRoomChanged(roomId)
  }

  /**
   * A message that was edited or deleted does not say whom it mentioned before: where it may have been the viewer, who has not read it,
   * the room is counted anew.
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
