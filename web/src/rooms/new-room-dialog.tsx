import { type FormEvent, useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import { LIMITS, type UserSummary } from '../../../shared/index.ts'
import { toggled, UserPicker } from '../people/user-picker.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { showRoom } from '../ui/route.ts'

const KINDS = [
  { kind: 'group', name: 'Group', says: 'Only people you add' },
  { kind: 'channel', name: 'Channel', says: 'Anyone can find and join it' },
] as const

/** Makes a group or a channel and opens it. */
export function NewRoomDialog({ onClose }: { onClose: () => void }) {
  const { client, inbox, viewer } = useChat()
  const [kind, setKind] = useState<'group' | 'channel'>('group')
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [members, setMembers] = useState<readonly UserSummary[]>([])
  const [clientId] = useState(() => crypto.randomUUID())
  const [fault, setFault] = useState('')
  const [isBusy, setBusy] = useState(false)

  const create = async (event: FormEvent) => {
    event.preventDefault()
    if (!name.trim()) return setFault('Enter a room name.')
    setBusy(true)
    setFault('')
    try {
      const memberIds = members.map(({ id }) => id)
      const room = await client.room.create.mutate({
        kind,
        name: name.trim(),
        description: description.trim(),
        clientId,
        memberIds,
      })
      inbox.add(room)
      onClose()
      showRoom(room.id)
    } catch (error) {
      setFault(errorSentence(error))
      setBusy(false)
    }
  }

  return (
    <Dialog title="New room" onClose={onClose}>
      <form className="dialog-form" onSubmit={(event) => void create(event)} noValidate>
        <div className="dialog-scroll">
          <fieldset className="choices">
            <legend className="for-readers">Room type</legend>
            {KINDS.map((each) => (
              <label key={each.kind} className="choice">
                <input type="radio" name="kind" checked={kind === each.kind} onChange={() => setKind(each.kind)} />
                <span className="choice-name">{each.name}</span>
                <span className="choice-says">{each.says}</span>
              </label>
            ))}
          </fieldset>
          <label className="field">
            <span className="field-label">Name</span>
            <input
              className="input"
              name="room-name"
              value={name}
              onChange={(event) => setName(event.target.value)}
              placeholder={kind === 'group' ? 'Autumn launch' : 'Book club'}
              maxLength={LIMITS.name}
              autoComplete="off"
              data-first-focus
              dir="auto"
            />
          </label>
          <label className="field">
            <span className="field-label">
              Description <span className="field-optional">optional</span>
            </span>
            <input
              className="input"
              name="room-description"
              value={description}
              onChange={(event) => setDescription(event.target.value)}
              placeholder="What’s this room about?"
              maxLength={LIMITS.description}
              autoComplete="off"
              dir="auto"
            />
          </label>
          <UserPicker
            label="Members"
            leaveOut={new Set([viewer.id])}
            picked={members}
            onToggle={(user) => setMembers((picked) => toggled(picked, user))}
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
          <button type="submit" className="button button-primary" disabled={isBusy}>
            {isBusy ? 'Creating…' : 'Create room'}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
