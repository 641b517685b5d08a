import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useChat, useDeskQueries } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icons.tsx'
import { Menu } from '../ui/menu.tsx'
import { fullTime } from '../ui/times.ts'
import { PickTimeDialog } from './pick-time-dialog.tsx'
import { sendTimes } from './send-times.ts'

interface SendLaterProps {
  roomId: string
  text: string
  /** This text waits on the server now; meanwhile another one may have been begun. */
  onScheduled: (taken: string) => void
}

/** Beside the button that sends: the same, at a time. */
export function SendLater({ roomId, text, onScheduled }: SendLaterProps) {
  const { client } = useChat()
  const { toasts } = useSession()
  const queries = useDeskQueries()
  const queryClient = useQueryClient()
  const [isPicking, setPicking] = useState(false)

  const schedule = async (sendAt: Date) => {
    await client.schedule.create.mutate({ roomId, clientId: crypto.randomUUID(), content: text, sendAt })
    toasts.note(`Goes out on ${fullTime(sendAt)}.`)
    onScheduled(text)
    await queryClient.invalidateQueries({ queryKey: queries.scheduled(roomId).queryKey })
  }

  if (text.trim() === '') return null
  return (
    <>
      <Menu
        label="Send later"
        className="icon-button"
        choices={[
          ...sendTimes().map(({ text: name, at }) => ({
            icon: 'clock' as const,
            text: name,
            onChoose: () => void schedule(at).catch((error: unknown) => toasts.fault(error)),
          })),
          { icon: 'pencil', text: 'At another time…', onChoose: () => setPicking(true) },
        ]}
      >
        <Icon name="clock" />
      </Menu>
      {isPicking && <PickTimeDialog onPick={schedule} onClose={() => setPicking(false)} />}
    </>
  )
}
