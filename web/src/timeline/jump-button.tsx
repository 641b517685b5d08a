import { useState } from 'react'
import type { Message } from '../../../shared/index.ts'
import { Icon } from '../ui/icons.tsx'

interface JumpButtonProps {
  messages: readonly Message[]
  viewerId: string
  onJump: () => void
}

/** Shown while the viewer is away from the newest message: back there, and how much has come since. */
export function JumpButton({ messages, viewerId, onJump }: JumpButtonProps) {
  const [leftAt] = useState(messages.at(-1)?.seq ?? 0)
  const count = messages.filter(
    ({ seq, senderId, deletedAt }) => seq > leftAt && senderId !== viewerId && !deletedAt,
  ).length
  const words = count === 0 ? 'Latest messages' : count === 1 ? '1 new message' : `${count} new messages`
  return (
    <>
      {/* What comes is read out at the end of the log only. */}
      <output className="for-readers">{count > 0 && words}</output>
      <button type="button" className="jump" onClick={onJump}>
        <Icon name="down" size={18} />
        {words}
      </button>
    </>
  )
}
