import type { Entry } from './timeline-rows.ts'

/** The actions on a message. The same object as long as the room is open, so that rows need no redraw. */
export interface MessageActs {
  edit(entry: Entry): void
  remove(entry: Entry): void
  retry(entry: Entry): void
  discard(entry: Entry): void
  /** Returns an unsent message to the composer. */
  takeBack(entry: Entry): void
  react(entry: Entry, emoji: string, isOn: boolean): void
  pin(entry: Entry, isPinned: boolean): void
  forward(entry: Entry): void
  /** Copies its text. */
  copy(entry: Entry): void
  /** Copies a link that opens the page at it. */
  copyLink(entry: Entry): void
  /** Marks it, and the messages after it, as unread. */
  markUnread(entry: Entry): void
  /** For the viewer alone. */
  hide(entry: Entry): void
  /** Reports another user's message to the moderators. */
  report(entry: Entry): void
  /** The users who have read it. */
  showReaders(entry: Entry): void
  /** Its earlier versions. */
  showVersions(entry: Entry): void
  /** Quotes it in the composer. */
  reply(entry: Entry): void
  openThread(entry: Entry): void
  /** Jumps to another message. */
  goTo(messageId: string): void
}

/** The viewer's rights here, by the same table that the server uses. */
export interface MessageRights {
  deleteAny: boolean
  pin: boolean
  /** False if the room is archived or frozen, or the viewer is muted. */
  write: boolean
}
