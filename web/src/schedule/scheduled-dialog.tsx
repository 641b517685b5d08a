import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useAdminQueries } from '../../../client/react/react-entry.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { ScheduledItem } from './scheduled-item.tsx'

/** The scheduled messages of a room. Each can be edited or deleted. */
export function ScheduledDialog({ roomId, onClose }: { roomId: string; onClose: () => void }) {
  const queries = useAdminQueries()
  const queryClient = useQueryClient()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(queries.scheduled(roomId))
  const messages = data?.pages.flatMap(({ items }) => items)
  const listAgain = () => queryClient.invalidateQueries({ queryKey: queries.scheduled(roomId).queryKey })
  return (
    <Dialog title="Scheduled messages" onClose={onClose}>
      <FaultLine fault={error ? errorSentence(error) : ''} />
      <div className="dialog-scroll">
        <ul className="desk-list" aria-label="Scheduled messages">
          {messages?.map((message) => (
            <ScheduledItem
              key={`${message.id} ${message.updatedAt.getTime()}`}
              message={message}
              onChanged={listAgain}
            />
          ))}
        </ul>
        {messages?.length === 0 && <p className="picker-note">No scheduled messages.</p>}
        {hasNextPage && (
          <button type="button" className="button button-small" onClick={() => void fetchNextPage()}>
            Show more
          </button>
        )}
      </div>
    </Dialog>
  )
}
