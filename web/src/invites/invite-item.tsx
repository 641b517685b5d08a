import { useRef, useState } from 'react'
import type { Invite } from '../../../shared/index.ts'
import { copyText } from '../ui/copy-text.ts'
import { fullAddress, inviteHref } from '../ui/route.ts'
import { untilWords } from '../ui/terms.ts'

/** Whether the invite can still be used. */
export const isGood = ({ revokedAt, expiresAt, maxUses, uses }: Invite): boolean =>
  !revokedAt && (!expiresAt || expiresAt.getTime() > Date.now()) && (maxUses === null || uses < maxUses)

interface InviteItemProps {
  invite: Invite
  isBusy: boolean
  onRevoke: (invite: Invite) => void
}

/** One invite link with a copy button. */
export function InviteItem({ invite, isBusy, onRevoke }: InviteItemProps) {
  const [isCopied, setCopied] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const url = fullAddress(inviteHref(invite.code))

  const copy = async () => {
    setCopied(await copyText(url))
    // If the browser refuses to copy, the link is selected for copying by hand.
    field.current?.select()
  }

  const { uses, maxUses } = invite
  return (
    <li className="desk-item">
      <div className="field-line">
        <input
          ref={field}
          className="input"
          readOnly
          value={url}
          aria-label="Link"
          onFocus={({ target }) => target.select()}
        />
        <button type="button" className="button button-small" onClick={() => void copy()}>
          {isCopied ? 'Copied' : 'Copy'}
        </button>
        <button
          type="button"
          className="button button-small button-quiet-danger"
          disabled={isBusy}
          onClick={() => onRevoke(invite)}
        >
          Revoke
        </button>
      </div>
      <p className="desk-says">
        Valid {untilWords(invite.expiresAt) || 'until revoked'} · used {uses}
        {maxUses === null ? (uses === 1 ? ' time' : ' times') : ` of ${maxUses} times`}
      </p>
    </li>
  )
}
