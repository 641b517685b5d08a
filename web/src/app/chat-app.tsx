import { useStore } from '../../../client/react/react-entry.ts'
import type { SessionStore } from '../session/session-store.ts'
import { SignInPage } from '../session/sign-in-page.tsx'
import { BrandMark } from '../ui/brand-mark.tsx'
import { showList } from '../ui/route.ts'
import type { ThemeChoice } from '../ui/theme.ts'
import { FaultBoundary } from './fault-boundary.tsx'
import { useRefusedFiles } from './use-refused-files.ts'
import { Workspace } from './workspace.tsx'

/** The whole page: the sign-in, or the workspace of the signed-in user. */
export function ChatApp({ sessions, themes }: { sessions: SessionStore; themes: ThemeChoice }) {
  const state = useStore(sessions.state)
  useRefusedFiles(state.phase === 'open' ? state.session.toasts : undefined)
  return (
    <FaultBoundary>
      {state.phase === 'open' ? (
        <Workspace
          key={state.session.chat.viewer.id}
          session={state.session}
          themes={themes}
          onSignOut={() => {
            showList()
            sessions.signOut()
          }}
        />
      ) : state.phase === 'connecting' ? (
        <Connecting />
      ) : (
        <SignInPage sessions={sessions} themes={themes} ended={state.phase === 'signed-out' ? undefined : state} />
      )}
    </FaultBoundary>
  )
}

function Connecting() {
  return (
    <main className="connecting" aria-busy="true">
      <BrandMark size={44} />
      <output>Connecting…</output>
    </main>
  )
}
