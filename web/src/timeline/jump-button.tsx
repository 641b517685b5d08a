import { type RefObject, useState } from 'react'
import type { Message } from '../../../shared/index.ts'
import { Icon } from '../ui/icons.tsx'
import { passWheel } from './pass-wheel.ts'

interface JumpButtonProps {
  scroller: RefObject<HTMLElement | null>
  messages: readonly Message[]
  /** Of the newest message of all, whether it is loaded or not. */
  lastOrdinal: number
  viewerId: string
  onJump: () => void
}

/** Shown while the viewer is away from the newest message: back there, and how much has come since. */
export function JumpButton({ scroller, messages, lastOrdinal, viewerId, onJump }: JumpButtonProps) {
  const [leftAt] = useState(lastOrdinal)
  const count = newSince(leftAt, messages, lastOrdinal, viewerId)
  const words = count === 0 ? 'Latest messages' : count === 1 ? '1 new message' : `${count} new messages`
  return (
    <>
      {/* What comes is read out at the end of the log only. */}
      <output className="for-readers">{count > 0 && words}</output>
      <button type="button" className="jump" onClick={onJump} onWheel={passWheel(scroller)}>
        <Icon name="down" size={18} />
        {words}
      </button>
    </>
  )
}

/** What came after the message `leftAt`: of what is loaded, others' that are not deleted; of what is not, all. */
function newSince(leftAt: number, messages: readonly Message[], lastOrdinal: number, viewerId: string): number {
  const loaded = messages.filter(
    ({ ordinal, senderId, deletedAt }) => (ordinal ?? 0) > leftAt && senderId !== viewerId && !deletedAt,
  ).length
  const lastLoaded = messages.findLast(({ ordinal }) => ordinal !== null)?.ordinal ?? 0
  return loaded + Math.max(0, lastOrdinal - Math.max(leftAt, lastLoaded))
}
