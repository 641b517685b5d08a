import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { useAdminQueries, useChat } from '../../../client/react/react-entry.ts'
import type { UserSummary } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'

interface BlockList {
  users: readonly UserSummary[]
  ids: ReadonlySet<string>
  error: Error | null
  isLoading: boolean
  /** Blocks or unblocks direct messages from a user. A failure shows as a notice. */
  setBlocked: (user: UserSummary, isBlocked: boolean) => Promise<void>
}

/** The blocked users, and a function to change the list. */
export function useBlockList(): BlockList {
  const { client } = useChat()
  const { toasts } = useSession()
  const queries = useAdminQueries()
  const queryClient = useQueryClient()
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(queries.blocked())
  // Checking whether a user is blocked needs the whole list.
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !error) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, error, fetchNextPage])
  const users = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data])
  const ids = useMemo(() => new Set(users.map(({ id }) => id)), [users])

  const setBlocked = async ({ id: userId, name }: UserSummary, isBlocked: boolean) => {
    try {
      await (isBlocked ? client.user.block.mutate({ userId }) : client.user.unblock.mutate({ userId }))
      toasts.note(
        isBlocked ? `${name} can no longer send you direct messages.` : `${name} can send you direct messages again.`,
      )
    } catch (fault) {
      toasts.fault(fault)
    }
    await queryClient.invalidateQueries({ queryKey: queries.blocked().queryKey })
  }

  return { users, ids, error, isLoading: isPending || hasNextPage, setBlocked }
}
