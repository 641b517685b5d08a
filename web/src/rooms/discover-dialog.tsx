import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useChatQueries } from '../../../client/react/react-entry.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { Icon } from '../ui/icons.tsx'
import { useSettled } from '../ui/use-settled.ts'
import { ChannelItem } from './channel-item.tsx'

/** Channels that anyone may join: search, join, open. */
export function DiscoverDialog({ onClose }: { onClose: () => void }) {
  const queries = useChatQueries()
  const [query, setQuery] = useState('')
  const [joinFault, setJoinFault] = useState('')
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    ...queries.channels(useSettled(query)),
    placeholderData: (last) => last,
  })
  const channels = data?.pages.flatMap(({ items }) => items)
  const fault = error ? errorSentence(error) : joinFault

  return (
    <Dialog title="Browse channels" onClose={onClose}>
      <label className="field">
        <span className="for-readers">Search channels</span>
        <span className="search">
          <Icon name="search" size={18} />
          <input
            className="input"
            type="search"
            placeholder="Search channels"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            autoComplete="off"
            data-first-focus
          />
        </span>
      </label>
      <div className="dialog-scroll">
        <ul className="channels" aria-busy={!channels}>
          {channels?.map((room) => (
            <ChannelItem key={room.id} room={room} onClose={onClose} onFault={setJoinFault} />
          ))}
        </ul>
        {channels?.length === 0 && (
          <p className="picker-note">
            {query ? 'No channels found.' : 'No public channels yet. Create one to see it here.'}
          </p>
        )}
        {hasNextPage && (
          <button type="button" className="button button-small" onClick={() => void fetchNextPage()}>
            Show more
          </button>
        )}
      </div>
      {fault && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
    </Dialog>
  )
}
