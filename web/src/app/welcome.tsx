import { useInbox } from '../../../client/react/react-entry.ts'
import { FirstSteps, type Start } from '../rooms/first-steps.tsx'
import { EmptyState } from '../ui/empty-state.tsx'

/** Shown in place of the conversation while none is open. */
export function Welcome({ onStart }: { onStart: (start: Start) => void }) {
  const { phase, entries } = useInbox()
  const isNew = phase === 'ready' && entries.length === 0
  return (
    <main className="room welcome" id="conversation" tabIndex={-1} aria-label="Conversation">
      {isNew ? (
        <FirstSteps onStart={onStart} />
      ) : (
        <EmptyState icon="chat" title="Pick a conversation">
          <p>Choose a room on the left to start chatting.</p>
        </EmptyState>
      )}
    </main>
  )
}
