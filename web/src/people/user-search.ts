import { useEffect, useState } from 'react'
import type { User } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { errorSentence } from '../ui/error-sentence.ts'

const PAUSE_MS = 180
const SHOWN = 50

export interface UserSearch {
  users: readonly User[]
  isLoading: boolean
  fault: string
  hasMore: boolean
}

/** Users whose name matches, without those to leave out; asked again a moment after the query's last change. */
export function useUserSearch(query: string, leaveOut: ReadonlySet<string>): UserSearch {
  const { client } = useSession()
  const [search, setSearch] = useState<UserSearch>({ users: [], isLoading: true, fault: '', hasMore: false })

  useEffect(() => {
    let isCurrent = true
    const ask = async () => {
      setSearch((last) => ({ ...last, isLoading: true }))
      try {
        const wanted = query.trim()
        const page = await client.user.list.query({ limit: SHOWN, ...(wanted ? { query: wanted } : {}) })
        if (isCurrent) setSearch({ users: page.items, isLoading: false, fault: '', hasMore: page.nextCursor !== null })
      } catch (error) {
        if (isCurrent) setSearch({ users: [], isLoading: false, fault: errorSentence(error), hasMore: false })
      }
    }
    const timer = setTimeout(() => void ask(), query ? PAUSE_MS : 0)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [client, query])

  return { ...search, users: search.users.filter(({ id }) => !leaveOut.has(id)) }
}
