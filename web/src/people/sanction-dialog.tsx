import { type FormEvent, useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import { LIMITS, type Member } from '../../../shared/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { FaultLine } from '../ui/fault-line.tsx'
import { SelectField } from '../ui/fields.tsx'
import { endOf, TERMS, type Term } from '../ui/terms.ts'
import { useAttempt } from '../ui/use-attempt.ts'

export type Sanction = 'mute' | 'remove' | 'ban'

const WORDS: Record<Sanction, { title: string; action: string; says: string; term: Term | undefined }> = {
  mute: { title: 'Mute', action: 'Mute', says: 'can read, but not write or edit here.', term: '1h' },
  remove: {
    title: 'Remove',
    action: 'Remove',
    says: 'will no longer see this room, but can come back with an invite. Their messages stay.',
    term: undefined,
  },
  ban: {
    title: 'Ban',
    action: 'Ban',
    says: 'is removed and can’t come back, even with an invite. Their messages stay.',
    term: 'ever',
  },
}

interface SanctionDialogProps {
  what: Sanction
  member: Member
  onClose: () => void
}

/** Mutes, removes or bans a member, with a duration and a reason. The reason is kept in the audit log. */
export function SanctionDialog({ what, member: { roomId, userId, user }, onClose }: SanctionDialogProps) {
  const { client } = useChat()
  const { title, action, says, term: firstTerm } = WORDS[what]
  const [term, setTerm] = useState<Term>(firstTerm ?? 'ever')
  const [reason, setReason] = useState('')
  const { isBusy, fault, attempt } = useAttempt()

  const act = () => {
    const whom = { roomId, userId, ...(reason.trim() ? { reason: reason.trim() } : {}) }
    if (what === 'remove') return client.member.remove.mutate(whom)
    const input = { ...whom, ...endOf(term) }
    return what === 'mute' ? client.member.mute.mutate(input) : client.member.ban.mutate(input)
  }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (await attempt(act)) onClose()
  }

  return (
    <Dialog title={`${title} ${user.name}?`} role="alertdialog" size="small" onClose={onClose}>
      <form className="dialog-form" onSubmit={(event) => void submit(event)}>
        <p className="dialog-text">
          <bdi>{user.name}</bdi> {says}
        </p>
        {firstTerm && <SelectField label="Duration" value={term} options={TERMS} onChange={setTerm} />}
        <label className="field">
          <span className="field-label">
            Reason <span className="field-optional">optional, kept in the audit log</span>
          </span>
          <input
            className="input"
            value={reason}
            onChange={({ target }) => setReason(target.value)}
            maxLength={LIMITS.reason}
            autoComplete="off"
            dir="auto"
          />
        </label>
        <FaultLine fault={fault} />
        <footer className="dialog-foot">
          <button type="button" className="button" data-first-focus onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-danger" disabled={isBusy}>
            {action}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
