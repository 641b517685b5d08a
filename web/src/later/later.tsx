import { type ReactNode, useEffect } from 'react'
import { useStore } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'
import type { LaterParts } from './part-loader.ts'

interface LaterProps {
  /** Called where the part can't be had, after the viewer is told. */
  onFail: () => void
  children: (parts: LaterParts) => ReactNode
}

/** Shows a part of the page that is not in its first load; mostly it is here already. */
export function Later({ onFail, children }: LaterProps) {
  const { partLoader, toasts } = useSession()
  const parts = useStore(partLoader.parts)

  useEffect(() => {
    let isWanted = true
    partLoader.load().catch(() => {
      if (!isWanted) return
      // Nobody knows which of the two it is; to load the page again helps with both, once the server is back.
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
