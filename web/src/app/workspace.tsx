import { useEffect, useState } from 'react'
import { ConfabProvider } from '../../../client/react/react-entry.ts'
import { InvitePage } from '../invites/invite-page.tsx'
import { OwnProfileDialog, PreferencesDialog } from '../preferences/preferences-dialog.tsx'
import { ProfilePlace } from '../profile/profile-place.tsx'
import { DiscoverDialog } from '../rooms/discover-dialog.tsx'
import { NewDirectDialog } from '../rooms/new-direct-dialog.tsx'
import { NewRoomDialog } from '../rooms/new-room-dialog.tsx'
import { PutAwayDialog } from '../rooms/put-away-dialog.tsx'
import { RoomSidebar } from '../rooms/room-sidebar.tsx'
import type { ChatSession } from '../session/chat-session.ts'
import { SessionContext } from '../session/session-context.ts'
import { RoomView } from '../timeline/room-view.tsx'
import { DocumentTitle } from '../ui/document-title.tsx'
import { onDemand } from '../ui/on-demand.tsx'
import { useInviteCode, useOpenRoomId } from '../ui/route.ts'
import type { ThemeChoice } from '../ui/theme.ts'
import { ToastList } from '../ui/toast-list.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { useLinksInPage } from './use-links-in-page.ts'
import { Welcome } from './welcome.tsx'

const QuickSwitcher = onDemand(async () => (await import('../switcher/quick-switcher.tsx')).QuickSwitcher)

const DIALOGS = {
  switcher: QuickSwitcher,
  room: NewRoomDialog,
  direct: NewDirectDialog,
  discover: DiscoverDialog,
  'put-away': PutAwayDialog,
  preferences: PreferencesDialog,
  profile: OwnProfileDialog,
}

interface WorkspaceProps {
  session: ChatSession
  themes: ThemeChoice
  onSignOut: () => void
}

/** The signed-in page: rooms on one side, the open one on the other; on a narrow screen one of the two. */
export function Workspace({ session, themes, onSignOut }: WorkspaceProps) {
  const roomId = useOpenRoomId()
  const inviteCode = useInviteCode()
  useLinksInPage()
  const [start, setStart] = useState<keyof typeof DIALOGS>()
  const StartDialog = start && DIALOGS[start]
  const { visited } = session

  useEffect(() => {
    if (roomId) visited.add(roomId)
  }, [roomId, visited])

  return (
    <ConfabProvider chat={session.chat} queryClient={session.queryClient}>
      <SessionContext value={session}>
        {!roomId && !inviteCode && <DocumentTitle place={undefined} />}
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
            <InvitePage key={inviteCode} inviteCode={inviteCode} />
          ) : (
            <Welcome onStart={setStart} />
          )}
        </div>
        <Shortcuts onSwitch={() => setStart('switcher')} />
        <ProfilePlace onEdit={() => setStart('profile')} />
        {StartDialog && <StartDialog onClose={() => setStart(undefined)} />}
        <ToastList toasts={session.toasts} />
      </SessionContext>
    </ConfabProvider>
  )
}

/** The address names the room, so the link moves the focus by itself. */
function skipToConversation(event: { preventDefault(): void }) {
  event.preventDefault()
  document.getElementById('conversation')?.focus()
}
