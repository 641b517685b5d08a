import type { PagePhase } from '../../../client/client-entry.ts'
import type { Room } from '../../../shared/index.ts'
import { dayName } from '../ui/times.ts'

export const DayLine = ({ at }: { at: Date }) => (
  <div className="day-line">
    <time dateTime={at.toISOString().slice(0, 10)}>{dayName(at)}</time>
  </div>
)

export const NewLine = () => (
  <div className="new-line">
    <span>New</span>
  </div>
)

interface OlderNoticeProps {
  phase: PagePhase
  room: Room
  hasMessages: boolean
  onRetry: () => void
}

/** The line above the oldest message: a loading note, an error, or the beginning of the conversation. */
export function OlderNotice({ phase, room, hasMessages, onRetry }: OlderNoticeProps) {
  if (phase === 'loading') return <p className="older-notice">Loading earlier messages…</p>
  if (phase === 'failed') {
    return (
      <p className="older-notice">
        Couldn’t load earlier messages.{' '}
        <button type="button" className="link-button" onClick={onRetry}>
          Try again
        </button>
      </p>
    )
  }
  if (phase === 'none' && hasMessages) {
    return (
      <p className="older-notice">
        {room.historyFromSeq > 0
          ? 'Older messages are no longer available.'
          : 'This is the beginning of the conversation.'}
      </p>
    )
  }
  return null
}

/** The line below the last message while newer messages are not loaded. */
export function NewerNotice({ phase, onRetry }: { phase: PagePhase; onRetry: () => void }) {
  if (phase === 'loading') return <p className="older-notice">Loading later messages…</p>
  if (phase !== 'failed') return null
  return (
    <p className="older-notice">
      Couldn’t load later messages.{' '}
      <button type="button" className="link-button" onClick={onRetry}>
        Try again
      </button>
    </p>
  )
}
