import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useChatQueries } from '../../../client/react/react-entry.ts'
import { LIMITS, type RoomSettings } from '../../../shared/index.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { SwitchField } from '../ui/fields.tsx'
import { useAttempt } from '../ui/use-attempt.ts'
import { HiddenMessages } from './hidden-messages.tsx'
import { useOwnSettings } from './use-own-settings.ts'

/** The viewer's own settings for a room. Others see only the nickname. */
export function OwnSettings({ roomId }: { roomId: string }) {
  const queries = useChatQueries()
  const { data: room, error } = useQuery(queries.room(roomId))
  if (error) return <FaultLine fault={errorSentence(error)} />
  if (!room) return <p className="picker-note">Loading…</p>
  return <Form roomId={roomId} settings={room.viewer.settings} />
}

function Form({ roomId, settings }: { roomId: string; settings: RoomSettings }) {
  const settle = useOwnSettings()
  const { fault, inTurn } = useAttempt()
  const [nickname, setNickname] = useState(settings.nickname ?? '')

  const change = (fields: Partial<RoomSettings>) => void inTurn(settle(roomId, fields))
  const rename = (event: FormEvent) => {
    event.preventDefault()
    change({ nickname: nickname.trim() || null })
  }

  return (
    <div className="fieldset">
      <SwitchField
        label="Pinned"
        says="Stays at the top of your list."
        isOn={settings.isPinned}
        onChange={(isPinned) => change({ isPinned })}
      />
      <SwitchField
        label="Hidden"
        says="Hidden from your list until the next message."
        isOn={settings.isHidden}
        onChange={(isHidden) => change({ isHidden })}
      />
      <SwitchField
        label="Muted"
        says="New messages don’t stand out in your list. Mentions still do."
        isOn={settings.notifications === 'none'}
        onChange={(isMuted) => change({ notifications: isMuted ? 'none' : 'all' })}
      />
      <form className="field-line" onSubmit={rename}>
        <label className="field">
          <span className="field-label">Your name in this room</span>
          <input
            className="input"
            value={nickname}
            onChange={({ target }) => setNickname(target.value)}
            placeholder="Same as your profile"
            maxLength={LIMITS.name}
            autoComplete="off"
            dir="auto"
          />
        </label>
        <button
          type="submit"
          className="button"
          disabled={nickname.trim() === (settings.nickname ?? '')}
          aria-label="Save name"
        >
          Save
        </button>
      </form>
      <FaultLine fault={fault} />
      <HiddenMessages roomId={roomId} />
    </div>
  )
}
