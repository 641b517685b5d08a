import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useAdminQueries } from '../../../client/react/react-entry.ts'
import type { AuditAction } from '../../../shared/index.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { SelectField } from '../ui/fields.tsx'
import { fullTime } from '../ui/times.ts'
import { ACT_NAMES, ACT_WORDS, ACTS_OF_ROOMS, detailWords } from './audit-words.ts'
import { UserName } from './user-name.tsx'

const CHOICES: readonly (readonly [AuditAction | 'all', string])[] = [
  ['all', 'Everything'],
  ...ACTS_OF_ROOMS.map((action) => [action, ACT_NAMES[action]] as const),
]

/** Who did what to whom in this room, latest first. */
export function AuditLog({ roomId }: { roomId: string }) {
  const [action, setAction] = useState<AuditAction | 'all'>('all')
  const queries = useAdminQueries()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(
    queries.audit(roomId, action === 'all' ? undefined : action),
  )
  const entries = data?.pages.flatMap(({ items }) => items)
  return (
    <>
      <SelectField label="Show" value={action} options={CHOICES} onChange={setAction} />
      <FaultLine fault={error ? errorSentence(error) : ''} />
      <ul className="desk-list" aria-label="Audit log" aria-busy={!entries}>
        {entries?.map((entry) => (
          <li key={entry.id} className="desk-item">
            <p>
              <UserName userId={entry.actorId} /> {ACT_WORDS[entry.action]}{' '}
              {entry.userId && <UserName userId={entry.userId} />}
            </p>
            <p className="desk-says">
              <time dateTime={entry.at.toISOString()}>{fullTime(entry.at)}</time>
              {detailWords(entry) && (
                <>
                  {' · '}
                  <bdi>{detailWords(entry)}</bdi>
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
      {entries?.length === 0 && <p className="picker-note">No entries.</p>}
      {hasNextPage && (
        <button type="button" className="button button-small" onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
    </>
  )
}
