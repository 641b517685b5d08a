import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useChatQueries } from '../../../client/react/react-entry.ts'
import type { Member, RoomState } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'

interface MemberPages {
  members: readonly Member[]
  /** Loads the next page; undefined at the end. */
  loadMore: (() => void) | undefined
}

/** The members of a room: from the room's own state, or page by page for a large room. */
export function useMemberPages({ room, members }: RoomState): MemberPages {
  const { toasts } = useSession()
  const queries = useChatQueries()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    ...queries.members(room.id),
    enabled: room.isLarge,
  })
  useEffect(() => {
    if (error) toasts.fault(error)
  }, [error, toasts])

  if (!room.isLarge) return { members, loadMore: undefined }
  return {
    members: data?.pages.flatMap(({ items }) => items) ?? [],
    loadMore: hasNextPage ? () => void fetchNextPage() : undefined,
  }
}
