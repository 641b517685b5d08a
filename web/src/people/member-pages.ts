import { useEffect, useState } from 'react'
import type { Member, RoomState } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'

interface MemberPages {
  members: readonly Member[]
  /** Loads the next page; undefined at the end. */
  loadMore: (() => void) | undefined
}

/** Who is in the room: the room's own state, or, of a large room, page after page by request. */
export function useMemberPages({ room, members }: RoomState): MemberPages {
  const { client, toasts } = useSession()
  const [pages, setPages] = useState<readonly Member[]>([])
  const [cursor, setCursor] = useState<string | null>(null)
  const { id: roomId, isLarge } = room

  useEffect(() => {
    if (!isLarge) return
    let isCurrent = true
    client.member.list
      .query({ roomId })
      .then((page) => {
        if (!isCurrent) return
        setPages(page.items)
        setCursor(page.nextCursor)
      })
      .catch((error: unknown) => toasts.fault(error))
    return () => {
      isCurrent = false
    }
  }, [client, roomId, isLarge, toasts])

  const loadMore = async (from: string) => {
    try {
      const page = await client.member.list.query({ roomId, cursor: from })
      setPages((loaded) => [...loaded, ...page.items])
      setCursor(page.nextCursor)
    } catch (error) {
      toasts.fault(error)
    }
  }

  if (!isLarge) return { members, loadMore: undefined }
  return { members: pages, loadMore: cursor ? () => void loadMore(cursor) : undefined }
}
