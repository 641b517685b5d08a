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
  /** Takes no more direct messages from somebody, or takes them again. What fails is told in a notice. */
  setBlocked: (user: UserSummary, isBlocked: boolean) => Promise<void>
}

/** Whom the viewer has blocked, and the way to change it. */
export function useBlockList(): BlockList {
  const { client } = useChat()
  const { toasts } = useSession()
  const queries = useAdminQueries()
  const queryClient = useQueryClient()
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(queries.blocked())
  // Whoever asks whether somebody is among them needs the whole list.
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
