import { useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import type { UserSummary } from '../../../shared/index.ts'
import { UserPicker } from '../people/user-picker.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { showRoom } from '../ui/route.ts'

/** Finds somebody and opens the one conversation with them. */
export function NewDirectDialog({ onClose }: { onClose: () => void }) {
  const { client, inbox, viewer } = useChat()
  const [fault, setFault] = useState('')
  const [isBusy, setBusy] = useState(false)

  const open = async ({ id }: UserSummary) => {
    if (isBusy) return
    setBusy(true)
    setFault('')
    try {
      const room = await client.room.direct.mutate({ userId: id })
      inbox.add(room)
      onClose()
      showRoom(room.id)
    } catch (error) {
      setFault(errorSentence(error))
      setBusy(false)
    }
  }

  return (
    <Dialog title="New message" onClose={onClose}>
      <div className="dialog-scroll">
        <UserPicker
          label="Person"
          leaveOut={new Set([viewer.id])}
          picked={[]}
          onToggle={(user) => void open(user)}
          hasFirstFocus
        />
      </div>
      {fault && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
    </Dialog>
  )
}
