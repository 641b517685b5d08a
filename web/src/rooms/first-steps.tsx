import { useState } from 'react'
import { useViewer } from '../../../client/react/react-entry.ts'
import { inviteDemoPeople } from '../session/invite-demo-people.ts'
import { useHasDemoPeople } from '../session/sign-in-mode.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { FaultLine } from '../ui/fault-line.tsx'
import { showRoom } from '../ui/route.ts'

/** What the viewer can start, from the list or an empty page. */
export type Start = 'room' | 'direct' | 'discover' | 'hidden-rooms'

/** Suggestions for a user who is not in any room yet. */
export function FirstSteps({ onStart }: { onStart: (start: Start) => void }) {
  const viewer = useViewer()
  const hasDemoPeople = useHasDemoPeople()
  return (
    <EmptyState icon="chat" title={`Welcome, ${viewer.name}`}>
      <p>You are not in any rooms yet. Create one, send someone a message, or browse channels.</p>
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
      {hasDemoPeople && <DemoOffer />}
    </EmptyState>
  )
}

function DemoOffer() {
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState('')
  const invite = async () => {
    setBusy(true)
    setFault('')
    try {
      showRoom(await inviteDemoPeople())
    } catch (error) {
      setFault(error instanceof Error ? error.message : 'The server can’t invite demo people. Try again.')
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <p>
        Trying Confab on your own?
        <br />
        <button type="button" className="link-button" disabled={isBusy} onClick={() => void invite()}>
          Chat with demo people
        </button>
      </p>
      <FaultLine fault={fault} />
    </>
  )
}
