import { type RefObject, useState } from 'react'
import type { Message } from '../../../shared/index.ts'
import { Icon } from '../ui/icons.tsx'
import { passWheel } from './pass-wheel.ts'

interface JumpButtonProps {
  scroller: RefObject<HTMLElement | null>
  messages: readonly Message[]
  /** The newest message of the room, loaded or not. */
  lastOrdinal: number
  viewerId: string
  onJump: () => void
}

/** Shown while the viewer is away from the newest message: leads back there, and counts the new messages. */
export function JumpButton({ scroller, messages, lastOrdinal, viewerId, onJump }: JumpButtonProps) {
  const [leftAt] = useState(lastOrdinal)
  const count = newSince(leftAt, messages, lastOrdinal, viewerId)
  const words = count === 0 ? 'Latest messages' : count === 1 ? '1 new message' : `${count} new messages`
  return (
    <>
      {/* Only the end of the log reads new messages out. */}
      <output className="for-readers">{count > 0 && words}</output>
      <button type="button" className="jump" onClick={onJump} onWheel={passWheel(scroller)}>
        <Icon name="down" size={18} />
        {words}
      </button>
    </>
  )
}

/** The number of messages after `leftAt`: of the loaded ones, those of others that are not deleted; of the rest, all. */
function newSince(leftAt: number, messages: readonly Message[], lastOrdinal: number, viewerId: string): number {
  const loaded = messages.filter(
    ({ ordinal, senderId, deletedAt }) => (ordinal ?? 0) > leftAt && senderId !== viewerId && !deletedAt,
  ).length
  const lastLoaded = messages.findLast(({ ordinal }) => ordinal !== null)?.ordinal ?? 0
  return loaded + Math.max(0, lastOrdinal - Math.max(leftAt, lastLoaded))
}
