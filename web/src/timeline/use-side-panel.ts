import { useCallback, useEffect, useRef, useState } from 'react'
import { useSession } from '../session/session-context.ts'
import type { Visit } from '../session/visit.ts'
import { useMedia } from '../ui/use-media.ts'
import { useShortcut } from '../ui/use-shortcut.ts'
import type { SidePanel } from './side-panel.ts'

interface OpenPanel {
  panel: SidePanel
  /** The panel lies over the timeline, which is out of reach meanwhile. */
  isOver: boolean
  setPanel: (panel: SidePanel) => void
  closePanel: () => void
}

/** What is open beside the timeline; a visit to a thread opens that. Once it is closed the focus is where it was opened from. */
export function useSidePanel(roomId: string): OpenPanel {
  const { visit } = useSession()
  const [panel, setPanel] = useState<SidePanel>(() => threadOf(visit.get(), roomId))
  const closed = useRef<SidePanel>(undefined)
  // As in the style sheet.
  const isNarrow = useMedia('(max-width: 1040px)')

  useEffect(
    () =>
      visit.subscribe(() => {
        const wanted = visit.get()
        const thread = threadOf(wanted, roomId)
        if (thread) setPanel(thread)
        // Nobody sees a message that the panel lies over.
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
