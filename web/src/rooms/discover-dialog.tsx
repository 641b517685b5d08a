import { useCallback, useEffect, useState } from 'react'
import type { Room } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { Icon } from '../ui/icons.tsx'
import { ChannelItem } from './channel-item.tsx'

const PAUSE_MS = 180

/** Channels that anyone may join: search, join, open. */
export function DiscoverDialog({ onClose }: { onClose: () => void }) {
  const { client } = useSession()
  const [query, setQuery] = useState('')
  const [channels, setChannels] = useState<readonly Room[]>()
  const [nextCursor, setNextCursor] = useState<string | null>(null)
  const [fault, setFault] = useState('')

  const ask = useCallback(
    (cursor: string | null) => {
      const wanted = query.trim()
      return client.room.discover.query({ ...(wanted ? { query: wanted } : {}), ...(cursor ? { cursor } : {}) })
    },
    [client, query],
  )

  useEffect(() => {
    let isCurrent = true
    const find = async () => {
      try {
        const page = await ask(null)
        if (!isCurrent) return
        setFault('')
        setChannels(page.items)
        setNextCursor(page.nextCursor)
      } catch (error) {
        if (isCurrent) setFault(errorSentence(error))
      }
    }
    const timer = setTimeout(() => void find(), query ? PAUSE_MS : 0)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [ask, query])

  const showMore = async () => {
    try {
      const page = await ask(nextCursor)
      setChannels((shown = []) => [...shown, ...page.items])
      setNextCursor(page.nextCursor)
    } catch (error) {
      setFault(errorSentence(error))
    }
  }

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
            <ChannelItem key={room.id} room={room} onClose={onClose} onFault={setFault} />
          ))}
        </ul>
        {channels?.length === 0 && (
          <p className="picker-note">
            {query ? 'No channel by that name.' : 'There are no open channels yet. Create one and it shows here.'}
          </p>
        )}
        {nextCursor && (
          <button type="button" className="button button-small" onClick={() => void showMore()}>
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
