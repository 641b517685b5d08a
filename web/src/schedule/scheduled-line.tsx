import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useAdminQueries } from '../../../client/react/react-entry.ts'
import type { ScheduledMessage } from '../../../shared/index.ts'
import { Later } from '../later/later.tsx'
import { Icon } from '../ui/icons.tsx'

/** Sending takes a moment after the message's time. The list is then fetched again. */
const GRACE_MS = 2_000
const LONGEST_MS = 3_600_000

/** Shows above the composer how many messages are scheduled, and how many could not be sent. Empty if there are none. */
export function ScheduledLine({ roomId }: { roomId: string }) {
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  const queries = useAdminQueries()
  const { data, hasNextPage } = useInfiniteQuery({
    ...queries.scheduled(roomId),
    refetchInterval: ({ state }) => untilNext(state.data?.pages.flatMap(({ items }) => items) ?? []),
  })
  const messages = data?.pages.flatMap(({ items }) => items) ?? []
  const failed = messages.filter(({ status }) => status === 'failed').length
  const count = messages.length - failed
  const words = [
    count > 0 ? `${count}${hasNextPage ? ' or more' : ''} scheduled message${count === 1 ? '' : 's'}` : '',
    failed > 0 ? `${failed} could not be sent` : '',
  ].filter(Boolean)
  return (
    <>
      {words.length > 0 && (
        <p className="scheduled-line">
          <Icon name={failed > 0 ? 'alert' : 'clock'} size={16} />
          {words.join(', ')}
          <button type="button" className="link-button" onClick={() => setOpen(true)}>
            Show
          </button>
        </p>
      )}
      {isOpen && (
        <Later onFail={close}>{({ ScheduledDialog }) => <ScheduledDialog roomId={roomId} onClose={close} />}</Later>
      )}
    </>
  )
}

function untilNext(messages: readonly ScheduledMessage[]): number | false {
  const times = messages.filter(({ status }) => status !== 'failed').map(({ sendAt }) => sendAt.getTime())
  if (times.length === 0) return false
  return Math.min(Math.max(Math.min(...times) - Date.now(), 0) + GRACE_MS, LONGEST_MS)
}
