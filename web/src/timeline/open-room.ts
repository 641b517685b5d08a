import type { ChatSession } from '../session/chat-session.ts'
import { LiveRoom } from './live-room.ts'
import { ReadMarker } from './read-marker.ts'
import { TypingList } from './typing-list.ts'
import { TypingNotice } from './typing-notice.ts'

/** The room on the screen: its log, who types, who is there, and what the viewer has read. */
export class OpenRoom {
  readonly roomId: string
  readonly log: LiveRoom
  readonly typing: TypingList
  readonly typingNotice: TypingNotice
  readonly readMarker: ReadMarker
  /** How far the viewer had read when the room was opened: where the line "New" goes. */
  readonly readSeqAtOpening: number
  readonly #session: ChatSession
  #stopPresence: () => void = () => undefined
  #unwatchLog: () => void = () => undefined

  constructor(session: ChatSession, roomId: string) {
    const { client, viewer, rooms } = session
    this.#session = session
    this.roomId = roomId
    this.log = new LiveRoom(client, roomId)
    this.typing = new TypingList(client, roomId, viewer.id)
    this.typingNotice = new TypingNotice(client, roomId)
    this.readMarker = new ReadMarker(client, roomId, () => rooms.countsOf(roomId)?.readSeq ?? 0)
    const counts = rooms.countsOf(roomId)
    this.readSeqAtOpening = counts && counts.unread > 0 ? counts.readSeq : Number.POSITIVE_INFINITY
  }

  start() {
    this.#unwatchLog = this.log.state.subscribe(() => this.#onLog())
    this.#stopPresence = this.#session.presence.watchRoom(this.roomId)
    this.typing.start()
    void this.log.load()
  }

  stop() {
    this.#unwatchLog()
    this.#stopPresence()
    this.typing.stop()
    this.typingNotice.ended()
    this.readMarker.stop()
    this.log.stop()
  }

  #onLog() {
    const shown = this.log.state.get()
    if (shown.phase === 'open') this.#session.outbox.settle(shown.state)
    if (shown.phase !== 'gone') return
    this.#stopPresence()
    this.typing.stop()
  }
}
