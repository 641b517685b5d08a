import { useInfiniteQuery } from '@tanstack/react-query'
import { useAdminQueries } from '../../../client/react/react-entry.ts'
import type { MemberRole, Room } from '../../../shared/index.ts'
import { may } from '../people/member-rights.ts'

/** No event announces a report, so the open room is asked about every ten seconds. */
const ASK_AGAIN_MS = 10_000

export interface OpenReports {
  /** The badge's text: "3", "50+"; empty if there are none, or if the viewer may not resolve them. */
  badge: string
  /** "3 open reports"; empty like `badge`. */
  words: string
}

/** The number of open reports in the room. */
export function useOpenReports(room: Room, viewerRole: MemberRole | undefined): OpenReports {
  const queries = useAdminQueries()
  const { data, hasNextPage } = useInfiniteQuery({
    ...queries.reports(room.id, 'open'),
    enabled: room.kind !== 'direct' && may(viewerRole, 'report.resolve'),
    refetchInterval: ASK_AGAIN_MS,
  })
  const count = data?.pages.reduce((sum, { items }) => sum + items.length, 0) ?? 0
  if (count === 0) return { badge: '', words: '' }
  const badge = hasNextPage ? `${count}+` : `${count}`
  return { badge, words: badge === '1' ? '1 open report' : `${badge} open reports` }
}
