import { useViewer } from '../../../client/react/react-entry.ts'
import { EmptyState } from '../ui/empty-state.tsx'

/** What the viewer can start, from the list or an empty page. */
export type Start = 'room' | 'direct' | 'discover' | 'put-away'

/** What somebody can do who is in no room yet. */
export function FirstSteps({ onStart }: { onStart: (start: Start) => void }) {
  const viewer = useViewer()
  return (
    <EmptyState icon="chat" title={`Welcome, ${viewer.name}`}>
      <p>You are not in any rooms yet. Create one, send somebody a message, or browse channels.</p>
      <div className="empty-actions">
        <button type="button" className="button button-primary" onClick={() => onStart('room')}>
          New room
        </button>
        <button type="button" className="button" onClick={() => onStart('direct')}>
          New message
        </button>
        <button type="button" className="button" onClick={() => onStart('discover')}>
          Browse channels
        </button>
      </div>
    </EmptyState>
  )
}
