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

/** Users whose name matches, without those to leave out; asked again a moment after the query's last change. */
export function useUserSearch(query: string, leaveOut: ReadonlySet<string>): UserSearch {
  const queries = useChatQueries()
  const { data, error, isFetching, hasNextPage } = useInfiniteQuery({
    ...queries.users(useSettled(query)),
    placeholderData: (last) => last,
  })
  return {
    users: (data?.pages[0]?.items ?? []).filter(({ id }) => !leaveOut.has(id)),
    isLoading: isFetching,
    fault: error ? errorSentence(error) : '',
    hasMore: hasNextPage,
  }
}
