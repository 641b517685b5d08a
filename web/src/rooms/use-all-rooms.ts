import { useEffect } from 'react'
import { useInbox } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'

/** Loads the rest of the viewer's rooms, page by page, while it is wanted: the server does not search rooms by name. */
export function useAllRooms(isWanted: boolean) {
  const { toasts } = useSession()
  const { nextCursor, loadMore } = useInbox()
  useEffect(() => {
    if (isWanted && nextCursor) loadMore().catch((error: unknown) => toasts.fault(error))
  }, [isWanted, nextCursor, loadMore, toasts])
}
