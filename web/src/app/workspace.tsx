import { useEffect, useState } from 'react'
import { ConfabProvider } from '../../../client/react/react-entry.ts'
import { Later } from '../later/later.tsx'
import type { LaterParts } from '../later/part-loader.ts'
import { ProfilePlace } from '../profile/profile-place.tsx'
import type { Start } from '../rooms/first-steps.tsx'
import { RoomSidebar } from '../rooms/room-sidebar.tsx'
import type { ChatSession } from '../session/chat-session.ts'
import { SessionContext } from '../session/session-context.ts'
import { RoomView } from '../timeline/room-view.tsx'
import { DocumentTitle } from '../ui/document-title.tsx'
import { showList, useInviteCode, useOpenRoomId } from '../ui/route.ts'
import type { ThemeChoice } from '../ui/theme.ts'
import { ToastList } from '../ui/toast-list.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { useLinksInPage } from './use-links-in-page.ts'
import { Welcome } from './welcome.tsx'

type StartDialogName = Start | 'preferences' | 'profile' | 'switcher'

const dialogOf = (start: StartDialogName, parts: LaterParts) =>
  ({
    switcher: parts.QuickSwitcher,
    room: parts.NewRoomDialog,
    direct: parts.NewDirectDialog,
    discover: parts.DiscoverDialog,
    'hidden-rooms': parts.HiddenRoomsDialog,
    preferences: parts.PreferencesDialog,
    profile: parts.OwnProfileDialog,
  })[start]

interface WorkspaceProps {
  session: ChatSession
  themes: ThemeChoice
  onSignOut: () => void
}

/** The signed-in page: the rooms and the open room side by side. A narrow screen shows one of the two. */
export function Workspace({ session, themes, onSignOut }: WorkspaceProps) {
  const roomId = useOpenRoomId()
  const inviteCode = useInviteCode()
  useLinksInPage()
  const [start, setStart] = useState<StartDialogName>()
  const closeStart = () => setStart(undefined)
  const { visited } = session

  useEffect(() => {
    if (roomId) visited.add(roomId)
  }, [roomId, visited])
  useEffect(() => session.partLoader.loadAhead(), [session])

  return (
    <ConfabProvider chat={session.chat} queryClient={session.queryClient}>
      <SessionContext value={session}>
        {!roomId && !inviteCode && <DocumentTitle place={undefined} />}
        {/* The list, which shows the name, is hidden beside a room on a narrow screen. */}
        <header className="for-readers">
          <h1>Confab</h1>
        </header>
        <a className="skip-link" href="#conversation" onClick={skipToConversation}>
          Skip to the conversation
        </a>
        <div className="workspace" data-shows={roomId || inviteCode ? 'room' : 'list'}>
          <ConnectionBanner />
          <RoomSidebar
            openRoomId={roomId}
            themes={themes}
            onStart={setStart}
            onSwitch={() => setStart('switcher')}
            onPreferences={() => setStart('preferences')}
            onSignOut={onSignOut}
          />
          {roomId ? (
            <RoomView key={roomId} roomId={roomId} />
          ) : inviteCode ? (
            <Later onFail={showList}>
              {({ InvitePage }) => <InvitePage key={inviteCode} inviteCode={inviteCode} />}
            </Later>
          ) : (
            <Welcome onStart={setStart} />
          )}
        </div>
        <Shortcuts onSwitch={() => setStart('switcher')} />
        <ProfilePlace onEdit={() => setStart('profile')} />
        {start && (
          <Later onFail={closeStart}>
            {(parts) => {
              const StartDialog = dialogOf(start, parts)
              return <StartDialog onClose={closeStart} />
            }}
          </Later>
        )}
        <ToastList toasts={session.toasts} />
      </SessionContext>
    </ConfabProvider>
  )
}

/** The address names the room, so the link would move the focus by itself. */
function skipToConversation(event: { preventDefault(): void }) {
  event.preventDefault()
  document.getElementById('conversation')?.focus()
}
