import { type FormEvent, useState } from 'react'
import { BrandMark } from '../ui/brand-mark.tsx'
import { takeFocus } from '../ui/take-focus.ts'
import type { ThemeChoice } from '../ui/theme.ts'
import { ThemeButton } from '../ui/theme-button.tsx'
import { NoDevSignIn } from './dev-token.ts'
import type { EndedSession, SessionStore } from './session-store.ts'
import { isStaying } from './sign-in.ts'
import { useSignInMode } from './sign-in-mode.ts'

interface SignInPageProps {
  sessions: SessionStore
  themes: ThemeChoice
  /** Why the last sign-in failed or ended. */
  ended: EndedSession | undefined
}

/** The sign-in: by name if the server allows it, otherwise with a token. */
export function SignInPage({ themes, ...rest }: SignInPageProps) {
  const mode = useSignInMode()
  return (
    <main className="sign-in">
      <div className="sign-in-corner">
        <ThemeButton themes={themes} />
      </div>
      <div className="sign-in-card">
        <BrandMark size={44} />
        <h1>Confab</h1>
        {mode && <SignInForm {...rest} mayUseName={mode === 'name'} />}
      </div>
    </main>
  )
}

type SignInFormProps = Omit<SignInPageProps, 'themes'> & { mayUseName: boolean }

function SignInForm({ sessions, ended, mayUseName }: SignInFormProps) {
  const [wantsToken, setWantsToken] = useState(ended?.hadToken ?? false)
  const needsToken = wantsToken || !mayUseName
  const [text, setText] = useState('')
  const [stays, setStays] = useState(isStaying)
  const [fault, setFault] = useState(ended?.sentence ?? '')
  const [isBusy, setBusy] = useState(false)

  const signIn = async (event: FormEvent) => {
    event.preventDefault()
    const entry = text.trim()
    if (!entry) return setFault(needsToken ? 'Paste a token first.' : 'Enter your name first.')
    setBusy(true)
    setFault('')
    try {
      await (needsToken ? sessions.signInByToken(entry, stays) : sessions.signInByName(entry, stays))
    } catch (error) {
      setBusy(false)
      setFault(error instanceof Error ? error.message : 'Sign-in failed.')
      if (!(error instanceof NoDevSignIn)) return
      setWantsToken(true)
      setText('')
    }
  }

  const lead = !mayUseName
    ? 'Open the chat from your application to sign in. If you have a token, paste it here.'
    : needsToken
      ? 'Paste the token from your application.'
      : 'Enter your name to start chatting.'

  return (
    <form className="sign-in-form" onSubmit={(event) => void signIn(event)} noValidate>
      <p className="sign-in-lead">{lead}</p>
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
          spellCheck="false"
          ref={takeFocus}
          aria-invalid={fault !== ''}
          aria-describedby="sign-in-fault"
        />
      </label>
      <label className="sign-in-stay">
        <input type="checkbox" checked={stays} onChange={({ target }) => setStays(target.checked)} />
        Stay signed in on this device
      </label>
      <p className="fault" id="sign-in-fault" role="alert">
        {fault}
      </p>
      <button type="submit" className="button button-primary button-wide" disabled={isBusy}>
        {isBusy ? 'Signing in…' : 'Sign in'}
      </button>
      {mayUseName && (
        <button
          type="button"
          className="link-button"
          onClick={() => {
            setWantsToken(!needsToken)
            setText('')
            setFault('')
          }}
        >
          {needsToken ? 'Sign in by name instead' : 'Use a token instead'}
        </button>
      )}
    </form>
  )
}
