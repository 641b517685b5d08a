import { useInfiniteQuery } from '@tanstack/react-query'
import { useChatQueries } from '../../../client/react/react-entry.ts'
import type { User } from '../../../shared/index.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { useSettled } from '../ui/use-settled.ts'

export interface UserSearch {
  users: readonly User[]
  isLoading: boolean
  fault: string
  hasMore: boolean
}

/** No event announces a new user, so a visible list is fetched again. */
const ASK_AGAIN_MS = 5_000

/** Users whose name matches, without the excluded ones. Fetched again a moment after the query's last change. */
export function useUserSearch(query: string, leaveOut: ReadonlySet<string>): UserSearch {
  const queries = useChatQueries()
  const { data, error, isFetching, isFetchedAfterMount, isPlaceholderData, hasNextPage } = useInfiniteQuery({
    ...queries.users(useSettled(query)),
    placeholderData: (last) => last,
    refetchOnMount: 'always',
    refetchOnWindowFocus: 'always',
    refetchInterval: ASK_AGAIN_MS,
  })
  return {
    users: (data?.pages[0]?.items ?? []).filter(({ id }) => !leaveOut.has(id)),
    // A refetch of the visible list is silent. An old answer does not count before the first new one.
    isLoading: isFetching && (!isFetchedAfterMount || isPlaceholderData),
    fault: error ? errorSentence(error) : '',
    hasMore: hasNextPage,
  }
}
