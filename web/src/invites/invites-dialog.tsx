import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useAdminQueries, useChat } from '../../../client/react/react-entry.ts'
import type { Invite } from '../../../shared/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { SelectField } from '../ui/fields.tsx'
import { endOf, TERMS, type Term } from '../ui/terms.ts'
import { useAttempt } from '../ui/use-attempt.ts'
import { InviteItem, isGood } from './invite-item.tsx'

const USES = [
  ['1', '1 use'],
  ['5', '5 uses'],
  ['25', '25 uses'],
  ['100', '100 uses'],
  ['any', 'No limit'],
] as const

interface InvitesDialogProps {
  roomId: string
  title: string
  onClose: () => void
}

/** The invite links of a room: creates them, lists the active ones, revokes them. */
export function InvitesDialog({ roomId, title, onClose }: InvitesDialogProps) {
  const { client } = useChat()
  const queries = useAdminQueries()
  const queryClient = useQueryClient()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(queries.invites(roomId))
  const { isBusy, fault, attempt } = useAttempt()
  const [term, setTerm] = useState<Term>('7d')
  const [uses, setUses] = useState<(typeof USES)[number][0]>('25')
  const good = data?.pages.flatMap(({ items }) => items).filter(isGood)
  const listAgain = () => queryClient.invalidateQueries({ queryKey: queries.invites(roomId).queryKey })

  const create = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () => {
      const { until } = endOf(term)
      await client.invite.create.mutate({
        roomId,
        ...(until ? { expiresAt: until } : {}),
        ...(uses === 'any' ? {} : { maxUses: Number(uses) }),
      })
      await listAgain()
    })
  }
  const revoke = ({ id: inviteId }: Invite) =>
    void attempt(async () => {
      await client.invite.revoke.mutate({ roomId, inviteId })
      await listAgain()
    })

  return (
    <Dialog title={`Invite to “${title}”`} onClose={onClose}>
      <form className="field-line" onSubmit={create}>
        <SelectField label="Expires after" value={term} options={TERMS} onChange={setTerm} />
        <SelectField label="Max uses" value={uses} options={USES} onChange={setUses} />
        <button type="submit" className="button button-primary" disabled={isBusy} data-first-focus>
          Create link
        </button>
      </form>
      <FaultLine fault={error ? errorSentence(error) : fault} />
      <div className="dialog-scroll">
        <ul className="desk-list" aria-label="Active links" aria-busy={!good}>
          {good?.map((invite) => (
            <InviteItem key={invite.id} invite={invite} isBusy={isBusy} onRevoke={revoke} />
          ))}
        </ul>
        {good?.length === 0 && <p className="picker-note">No active links. Create one and share it.</p>}
        {hasNextPage && (
          <button type="button" className="button button-small" onClick={() => void fetchNextPage()}>
            Show more
          </button>
        )}
      </div>
    </Dialog>
  )
}
