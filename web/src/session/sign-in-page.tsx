import { type FormEvent, useState } from 'react'
import { BrandMark } from '../ui/brand-mark.tsx'
import type { ThemeChoice } from '../ui/theme.ts'
import { ThemeButton } from '../ui/theme-button.tsx'
import { NoDevSignIn } from './dev-token.ts'
import type { EndedSession, SessionStore } from './session-store.ts'

interface SignInPageProps {
  sessions: SessionStore
  themes: ThemeChoice
  /** What brought somebody back here who was signed in, or tried to be. */
  ended: EndedSession | undefined
}

/** Signing in: by name where the server allows it, else with a token. */
export function SignInPage({ sessions, themes, ended }: SignInPageProps) {
  const [needsToken, setNeedsToken] = useState(ended?.hadToken ?? false)
  const [text, setText] = useState('')
  const [fault, setFault] = useState(ended?.sentence ?? '')
  const [isBusy, setBusy] = useState(false)

  const signIn = async (event: FormEvent) => {
    event.preventDefault()
    const entry = text.trim()
    if (!entry) return setFault(needsToken ? 'Paste the token first.' : 'Write your name first.')
    setBusy(true)
    setFault('')
    try {
      await (needsToken ? sessions.signInByToken(entry) : sessions.signInByName(entry))
    } catch (error) {
      setBusy(false)
      setFault(error instanceof Error ? error.message : 'Signing in failed.')
      if (!(error instanceof NoDevSignIn)) return
      setNeedsToken(true)
      setText('')
    }
  }

  return (
    <main className="sign-in">
      <div className="sign-in-corner">
        <ThemeButton themes={themes} />
      </div>
      <form className="sign-in-card" onSubmit={(event) => void signIn(event)} noValidate>
        <BrandMark size={44} />
        <h1>Confab</h1>
        <p className="sign-in-lead">
          {needsToken
            ? 'Paste the token that your application gave you.'
            : 'Rooms, channels and direct conversations. Who are you?'}
        </p>
        <label className="field">
          <span className="field-label">{needsToken ? 'Token' : 'Your name'}</span>
          <input
            key={needsToken ? 'token' : 'name'}
            className="input"
            name={needsToken ? 'token' : 'name'}
            type={needsToken ? 'password' : 'text'}
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder={needsToken ? 'eyJ…' : 'alice'}
            autoComplete={needsToken ? 'off' : 'username'}
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            aria-invalid={fault !== ''}
            aria-describedby="sign-in-fault"
          />
        </label>
        <p className="fault" id="sign-in-fault" role="alert">
          {fault}
        </p>
        <button type="submit" className="button button-primary button-wide" disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
        <button
          type="button"
          className="link-button"
          onClick={() => {
            setNeedsToken(!needsToken)
            setText('')
            setFault('')
          }}
        >
          {needsToken ? 'Sign in by name instead' : 'Use a token instead'}
        </button>
      </form>
    </main>
  )
}
