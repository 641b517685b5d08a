import { useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import type { RoomState, UserSummary } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { toggled, UserPicker } from './user-picker.tsx'

interface AddMembersDialogProps {
  state: RoomState
  title: string
  onClose: () => void
}

/** Adds people to a room. */
export function AddMembersDialog({ state, title, onClose }: AddMembersDialogProps) {
  const { client } = useChat()
  const { toasts } = useSession()
  const [picked, setPicked] = useState<readonly UserSummary[]>([])
  const [fault, setFault] = useState('')
  const [isBusy, setBusy] = useState(false)

  const add = async () => {
    setBusy(true)
    setFault('')
    try {
      await client.member.add.mutate({ roomId: state.room.id, userIds: picked.map(({ id }) => id) })
      toasts.note(picked.length === 1 ? `${picked[0]?.name} was added.` : `${picked.length} people were added.`)
      onClose()
    } catch (error) {
      setFault(errorSentence(error))
      setBusy(false)
    }
  }

  return (
    <Dialog title={`Add people to “${title}”`} onClose={onClose}>
      <div className="dialog-scroll">
        <UserPicker
          label="People"
          leaveOut={new Set(state.members.map(({ userId }) => userId))}
          picked={picked}
          onToggle={(user) => setPicked((before) => toggled(before, user))}
          hasFirstFocus
        />
      </div>
      {fault && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="button button-primary"
          disabled={isBusy || picked.length === 0}
          onClick={() => void add()}
        >
          {isBusy ? 'Adding…' : 'Add'}
        </button>
      </footer>
    </Dialog>
  )
}
