import { useState } from 'react'
import { Later } from '../later/later.tsx'
import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icons.tsx'
import { Menu } from '../ui/menu.tsx'
import { sendTimes } from './send-times.ts'

interface SendLaterProps {
  text: string
  schedule: (sendAt: Date) => Promise<void>
}

/** A menu beside the send button: sends the message at a later time. */
export function SendLater({ text, schedule }: SendLaterProps) {
  const { toasts } = useSession()
  const [isPicking, setPicking] = useState(false)
  const close = () => setPicking(false)

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
          { icon: 'pencil', text: 'Custom time…', onChoose: () => setPicking(true) },
        ]}
      >
        <Icon name="clock" />
      </Menu>
      {isPicking && (
        <Later onFail={close}>{({ PickTimeDialog }) => <PickTimeDialog onPick={schedule} onClose={close} />}</Later>
      )}
    </>
  )
}
