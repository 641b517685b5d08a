import { type ReactNode, useEffect } from 'react'
import { useStore } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'
import type { LaterParts } from './part-loader.ts'

interface LaterProps {
  /** Called if the part can't be loaded, after the user has been told. */
  onFail: () => void
  children: (parts: LaterParts) => ReactNode
}

/** Shows a part of the page that is not in its first load. Usually it is loaded already. */
export function Later({ onFail, children }: LaterProps) {
  const { partLoader, toasts } = useSession()
  const parts = useStore(partLoader.parts)

  useEffect(() => {
    let isWanted = true
    partLoader.load().catch(() => {
      if (!isWanted) return
      // The server may be away or have a new version. Once it is back, a reload helps in both cases.
      toasts.note('Couldn’t load this part of the page. There may be a new version.', {
        text: 'Reload',
        run: () => location.reload(),
      })
      onFail()
    })
    return () => {
      isWanted = false
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once for each time that the part is opened
  }, [partLoader, toasts])

  return parts ? children(parts) : <output className="later-waiting">Loading…</output>
}
