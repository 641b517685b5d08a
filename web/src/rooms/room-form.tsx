import { type FormEvent, useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import { type HistoryVisibility, LIMITS, type Room } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { SelectField, SwitchField } from '../ui/fields.tsx'
import { useAttempt } from '../ui/use-attempt.ts'
import { slowModeOptions } from './slow-modes.ts'

const HISTORY = [
  ['all', 'All earlier messages'],
  ['joined', 'Only messages after they join'],
] as const satisfies readonly (readonly [HistoryVisibility, string])[]

/** A room's settings for everyone. The form sends only what was changed here, so that two admins don't undo each other. */
export function RoomForm({ room }: { room: Room }) {
  const { client } = useChat()
  const { toasts } = useSession()
  const [changed, setChanged] = useState<Partial<Room>>({})
  const { isBusy, fault, attempt } = useAttempt()
  const shown = { ...room, ...changed }
  const change = (fields: Partial<Room>) => setChanged((before) => ({ ...before, ...fields }))

  const save = async (event: FormEvent) => {
    event.preventDefault()
    const { name, description, isPrivate, slowModeSeconds, historyVisibility } = changed
    const isSaved = await attempt(() =>
      client.room.update.mutate({
        roomId: room.id,
        ...(typeof name === 'string' ? { name } : {}),
        ...(description === undefined ? {} : { description }),
        ...(isPrivate === undefined ? {} : { isPrivate }),
        ...(slowModeSeconds === undefined ? {} : { slowModeSeconds }),
        ...(historyVisibility === undefined ? {} : { historyVisibility }),
      }),
    )
    if (!isSaved) return
    setChanged({})
    toasts.note('Room settings saved.')
  }

  return (
    <form className="dialog-form" onSubmit={(event) => void save(event)} noValidate>
      <fieldset className="fieldset" disabled={room.archivedAt !== null}>
        <label className="field">
          <span className="field-label">Name</span>
          <input
            className="input"
            value={shown.name ?? ''}
            onChange={({ target }) => change({ name: target.value })}
            maxLength={LIMITS.name}
            autoComplete="off"
            dir="auto"
          />
        </label>
        <label className="field">
          <span className="field-label">Description</span>
          <textarea
            className="input"
            rows={2}
            value={shown.description}
            onChange={({ target }) => change({ description: target.value })}
            maxLength={LIMITS.description}
            dir="auto"
          />
        </label>
        <SelectField
          label="Slow mode"
          value={String(shown.slowModeSeconds)}
          options={slowModeOptions(shown.slowModeSeconds)}
          onChange={(seconds) => change({ slowModeSeconds: Number(seconds) })}
          says="How long members must wait between messages."
        />
        <SelectField
          label="New members see"
          value={shown.historyVisibility}
          options={HISTORY}
          onChange={(historyVisibility) => change({ historyVisibility })}
        />
        {room.kind === 'channel' && (
          <SwitchField
            label="Private"
            says="Not listed. People need an invite or must be added."
            isOn={shown.isPrivate}
            onChange={(isPrivate) => change({ isPrivate })}
          />
        )}
        <FaultLine fault={fault} />
        <footer className="dialog-foot">
          <button
            type="submit"
            className="button button-primary"
            disabled={isBusy || Object.keys(changed).length === 0}
          >
            Save
          </button>
        </footer>
      </fieldset>
    </form>
  )
}
