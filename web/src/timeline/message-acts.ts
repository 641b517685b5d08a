import type { Entry } from './timeline-rows.ts'

/** What can be done with a message. The same object as long as the room is open, so that rows need no new drawing. */
export interface MessageActs {
  edit(entry: Entry): void
  remove(entry: Entry): void
  retry(entry: Entry): void
  discard(entry: Entry): void
  /** What could not be sent goes back into the composer. */
  takeBack(entry: Entry): void
  react(entry: Entry, emoji: string, isOn: boolean): void
  pin(entry: Entry, isPinned: boolean): void
  forward(entry: Entry): void
  /** Puts its text on the clipboard. */
  copy(entry: Entry): void
  /** Puts an address on the clipboard that opens the page at it. */
  copyLink(entry: Entry): void
  /** Leaves it, and what came after it, to be read later. */
  markUnread(entry: Entry): void
  /** For the viewer alone. */
  hide(entry: Entry): void
  /** Brings somebody else's message before the moderators. */
  report(entry: Entry): void
  /** Who has read it. */
  showReaders(entry: Entry): void
  /** What it said before it was edited. */
  showVersions(entry: Entry): void
  /** Quotes it in the composer. */
  reply(entry: Entry): void
  openThread(entry: Entry): void
  /** Shows another message. */
  goTo(messageId: string): void
}

/** What the viewer's role allows here; the server decides by the same table. */
export interface MessageRights {
  deleteAny: boolean
  pin: boolean
  /** False where the room is archived, frozen, or one is muted. */
  write: boolean
}
