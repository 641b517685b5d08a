import { useCallback, useEffect, useRef, useState } from 'react'
import { useSession } from '../session/session-context.ts'
import type { Visit } from '../session/visit.ts'
import { useMedia } from '../ui/use-media.ts'
import { useShortcut } from '../ui/use-shortcut.ts'
import type { SidePanel } from './side-panel.ts'

interface OpenPanel {
  panel: SidePanel
  /** The panel covers the timeline, which can't be reached meanwhile. */
  isOver: boolean
  setPanel: (panel: SidePanel) => void
  closePanel: () => void
}

/** The panel beside the timeline. A visit of a thread opens it. When it closes, the focus returns to where it was opened. */
export function useSidePanel(roomId: string): OpenPanel {
  const { visit } = useSession()
  const [panel, setPanel] = useState<SidePanel>(() => threadOf(visit.get(), roomId))
  const closed = useRef<SidePanel>(undefined)
  // The same width as in the style sheet.
  const isNarrow = useMedia('(max-width: 1040px)')

  useEffect(
    () =>
      visit.subscribe(() => {
        const wanted = visit.get()
        const thread = threadOf(wanted, roomId)
        if (thread) setPanel(thread)
        // The viewer can't see a message that the panel covers.
        else if (wanted && isNarrow) setPanel(undefined)
      }),
    [visit, roomId, isNarrow],
  )
  useShortcut({ key: '/', ctrlKey: 'F' }, () => setPanel('search'))

  const closePanel = useCallback(() => {
    closed.current = panel
    setPanel(undefined)
  }, [panel])

  useEffect(() => {
    const name = closed.current
    closed.current = undefined
    if (panel || !name) return
    const opener = document.querySelector<HTMLElement>(
      typeof name === 'string' ? `[data-panel-toggle="${name}"]` : '.timeline [data-row][tabindex="0"]',
    )
    opener?.focus({ preventScroll: true })
  }, [panel])

  return { panel, isOver: panel !== undefined && isNarrow, setPanel, closePanel }
}

const threadOf = (visit: Visit | undefined, roomId: string): SidePanel =>
  visit?.roomId === roomId && visit.threadId
    ? { threadId: visit.threadId, ...(visit.replyId ? { replyId: visit.replyId } : {}) }
    : undefined
