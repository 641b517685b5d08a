import { type FormEvent, useState } from 'react'
import { useChat, usePresence } from '../../../client/react/react-entry.ts'
import { LIMITS, type PresenceStatus } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { SelectField } from '../ui/fields.tsx'
import { useAttempt } from '../ui/use-attempt.ts'

type Choice = 'online' | 'away' | 'busy' | 'invisible'

const CHOICES = [
  ['online', 'Online'],
  ['away', 'Away'],
  ['busy', 'Busy'],
  ['invisible', 'Invisible'],
] as const satisfies readonly (readonly [Choice, string])[]

/** The viewer's status while they are online, and a status message. */
export function StatusForm() {
  const { client, viewer } = useChat()
  const { toasts } = useSession()
  const presence = usePresence(viewer.id)
  const [chosen, setChosen] = useState<Choice>()
  const [written, setWritten] = useState<string>()
  const { isBusy, fault, attempt } = useAttempt()
  const status = chosen ?? choiceOf(presence?.status)
  const text = written ?? presence?.text ?? ''

  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (!(await attempt(() => client.presence.set.mutate({ status, text: text.trim() || null })))) return
    toasts.note('Others can see your status while you’re online.')
  }

  return (
    <form className="fieldset" onSubmit={(event) => void save(event)}>
      <SelectField label="Status" value={status} options={CHOICES} onChange={setChosen} />
      <label className="field">
        <span className="field-label">
          Status message <span className="field-optional">optional</span>
        </span>
        <input
          className="input"
          value={text}
          onChange={({ target }) => setWritten(target.value)}
          placeholder="In a meeting"
          maxLength={LIMITS.statusText}
          autoComplete="off"
          dir="auto"
        />
      </label>
      <FaultLine fault={fault} />
      <footer className="dialog-foot">
        <button type="submit" className="button button-primary" disabled={isBusy}>
          Save
        </button>
      </footer>
    </form>
  )
}

/** A user who is here and shows as offline has chosen to be invisible. */
const choiceOf = (status: PresenceStatus | undefined): Choice =>
  status === undefined ? 'online' : status === 'offline' ? 'invisible' : status
