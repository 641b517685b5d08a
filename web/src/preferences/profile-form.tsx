import { type FormEvent, useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import { LIMITS } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { FaultLine } from '../ui/fault-line.tsx'
import { useAttempt } from '../ui/use-attempt.ts'
import { isPictureUrl } from './picture-url.ts'

/** The viewer's name and picture, as everyone sees them. */
export function ProfileForm() {
  const chat = useChat()
  const { toasts } = useSession()
  const { viewer } = chat
  const [name, setName] = useState(viewer.name)
  const [picture, setPicture] = useState(viewer.pictureUrl ?? '')
  const [missing, setMissing] = useState('')
  const { isBusy, fault, attempt } = useAttempt()
  const address = picture.trim()
  const pictureUrl = address === '' ? null : address

  const save = async (event: FormEvent) => {
    event.preventDefault()
    const wrong = whatIsWrong(name, address)
    setMissing(wrong)
    if (wrong) return
    const isSaved = await attempt(async () =>
      chat.self.set(await chat.client.user.update.mutate({ name: name.trim(), pictureUrl })),
    )
    if (isSaved) toasts.note('Profile saved.')
  }

  return (
    <form className="fieldset" noValidate onSubmit={(event) => void save(event)}>
      <div className="profile-preview">
        <Avatar
          id={viewer.id}
          name={name.trim() || viewer.name}
          pictureUrl={isPictureUrl(address) ? address : null}
          size={56}
        />
        <p className="field-says">Everyone can see your name and picture. You can use a different name in each room.</p>
      </div>
      <label className="field">
        <span className="field-label">Name</span>
        <input
          className="input"
          value={name}
          onChange={({ target }) => setName(target.value)}
          maxLength={LIMITS.name}
          autoComplete="off"
          dir="auto"
        />
      </label>
      <label className="field">
        <span className="field-label">
          Picture URL <span className="field-optional">optional</span>
        </span>
        <input
          className="input"
          inputMode="url"
          value={picture}
          onChange={({ target }) => setPicture(target.value)}
          placeholder="https://example.com/me.jpg"
          maxLength={LIMITS.url}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
          dir="ltr"
        />
      </label>
      <FaultLine fault={missing || fault} />
      <footer className="dialog-foot">
        <button type="submit" className="button button-primary" disabled={isBusy}>
          Save
        </button>
      </footer>
    </form>
  )
}

/** The fault of the input as a sentence, before the server is asked; empty if there is none. */
function whatIsWrong(name: string, address: string): string {
  if (name.trim() === '') return 'Enter a name.'
  if (address !== '' && !isPictureUrl(address)) return 'Enter a picture URL that starts with https://.'
  return ''
}
