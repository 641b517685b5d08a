import { useQuery } from '@tanstack/react-query'
import { useChatQueries } from '../../../client/react/react-entry.ts'

/** The name of a user, who may have left long ago; their id until the name is known. */
export function UserName({ userId }: { userId: string }) {
  const queries = useChatQueries()
  const { data } = useQuery(queries.user(userId))
  return <bdi className="user-name">{data?.name ?? userId}</bdi>
}
