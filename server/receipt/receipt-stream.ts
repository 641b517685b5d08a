import type { Receipt } from '../../shared/receipt.ts'
import type { LogEvent } from '../../shared/room-event.ts'
import { patiently } from '../db/patient-read.ts'
import { ChatError } from '../errors/chat-error.ts'
import { Wakeup } from '../lib/wakeup.ts'
import { type MembershipServices, watchMembership } from '../log/live/membership-watch.ts'
import type { Services, Session } from '../rpc/context.ts'
import { readReceipts } from './receipt-read.ts'

/**
 * A room's receipts: first all of them, then those that change. @throws ChatError LARGE_ROOM, also once the room has become large
 */
export async function* receiptStream(
  services: MembershipServices & Pick<Services, 'receipts'>,
  session: Session,
  roomId: string,
  signal: AbortSignal,
): AsyncGenerator<Receipt[], void> {
  const { database, receipts } = services
  const room = { tenantId: session.tenantId, roomId }
  const wakeup = new Wakeup()
  /** One receipt per member, however often it changes while the reader is slow. */
  const changed = new Map<string, Receipt>()
  let isLarge = false
  const onEvents = (events: LogEvent[]) => {
    for (const event of events) {
      // A member who joins has a marker, too.
      if ('member' in event && !event.member.leftAt) receipts.note(session.tenantId, roomId, event.member.userId)
      if ('room' in event && event.room.isLarge) isLarge = true
    }
    if (isLarge) wakeup.wake()
  }
  const membership = await watchMembership(services, session, roomId, { onEvents, onEnd: () => wakeup.wake() })
  try {
    const unwatch = await receipts.watch(session.tenantId, roomId, (moved) => {
      for (const receipt of moved) changed.set(receipt.userId, receipt)
      wakeup.wake()
    })
    try {
      const assertServed = () => {
        membership.assert()
        if (isLarge || membership.access.room.is_large) throw new ChatError('LARGE_ROOM')
      }
      assertServed()
      yield await patiently(signal, () => readReceipts(database.db, room))
      while (!signal.aborted) {
        await wakeup.wait(signal)
        assertServed()
        const changes = [...changed.values()]
        changed.clear()
        if (changes.length > 0) yield changes
      }
    } finally {
      unwatch()
    }
  } finally {
    membership.release()
  }
}
