import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useAdminQueries } from '../../../client/react/react-entry.ts'
import type { MemberRole, ReportStatus, RoomState } from '../../../shared/index.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { SelectField } from '../ui/fields.tsx'
import { ReportItem } from './report-item.tsx'

const STATES = [
  ['open', 'Open'],
  ['resolved', 'Resolved'],
] as const satisfies readonly (readonly [ReportStatus, string])[]

interface ReportQueueProps {
  state: RoomState
  viewerRole: MemberRole | undefined
}

/** The reports of a room, latest first, with the actions for each. */
export function ReportQueue({ state, viewerRole }: ReportQueueProps) {
  const roomId = state.room.id
  const [status, setStatus] = useState<ReportStatus>('open')
  const queries = useAdminQueries()
  const queryClient = useQueryClient()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(queries.reports(roomId, status))
  const reports = data?.pages.flatMap(({ items }) => items)

  const listAgain = () =>
    Promise.all(
      STATES.map(([each]) => queryClient.invalidateQueries({ queryKey: queries.reports(roomId, each).queryKey })),
    )

  return (
    <>
      <SelectField label="Show" value={status} options={STATES} onChange={setStatus} />
      <FaultLine fault={error ? errorSentence(error) : ''} />
      <ul className="desk-list" aria-label="Reports" aria-busy={!reports}>
        {reports?.map((report) => (
          <ReportItem
            key={report.id}
            report={report}
            senderRole={state.members.find(({ userId }) => userId === report.senderId)?.role}
            viewerRole={viewerRole}
            onResolved={listAgain}
          />
        ))}
      </ul>
      {reports?.length === 0 && (
        <p className="picker-note">{status === 'open' ? 'No open reports.' : 'No resolved reports.'}</p>
      )}
      {hasNextPage && (
        <button type="button" className="button button-small" onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
    </>
  )
}
