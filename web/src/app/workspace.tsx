import { useState } from 'react'
import { DiscoverDialog } from '../rooms/discover-dialog.tsx'
import type { Start } from '../rooms/first-steps.tsx'
import { NewDirectDialog } from '../rooms/new-direct-dialog.tsx'
import { NewRoomDialog } from '../rooms/new-room-dialog.tsx'
import { RoomSidebar } from '../rooms/room-sidebar.tsx'
import type { ChatSession } from '../session/chat-session.ts'
import { SessionContext } from '../session/session-context.ts'
import { RoomView } from '../timeline/room-view.tsx'
import { DocumentTitle } from '../ui/document-title.tsx'
import { useOpenRoomId } from '../ui/route.ts'
import type { ThemeChoice } from '../ui/theme.ts'
import { ToastList } from '../ui/toast-list.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { Welcome } from './welcome.tsx'

const DIALOGS = { room: NewRoomDialog, direct: NewDirectDialog, discover: DiscoverDialog }

interface WorkspaceProps {
  session: ChatSession
  themes: ThemeChoice
  onSignOut: () => void
}

/** The signed-in page: rooms on one side, the open one on the other; on a narrow screen one of the two. */
export function Workspace({ session, themes, onSignOut }: WorkspaceProps) {
  const roomId = useOpenRoomId()
  const [start, setStart] = useState<Start>()
  const StartDialog = start && DIALOGS[start]

  return (
    <SessionContext value={session}>
      {!roomId && <DocumentTitle place={undefined} />}
      <a className="skip-link" href="#conversation" onClick={skipToConversation}>
        Skip to the conversation
      </a>
      <div className="workspace" data-shows={roomId ? 'room' : 'list'}>
        <ConnectionBanner />
        <RoomSidebar openRoomId={roomId} themes={themes} onStart={setStart} onSignOut={onSignOut} />
        {roomId ? <RoomView key={roomId} roomId={roomId} /> : <Welcome onStart={setStart} />}
      </div>
      {StartDialog && <StartDialog onClose={() => setStart(undefined)} />}
      <ToastList toasts={session.toasts} />
    </SessionContext>
  )
}

/** The address names the room, so the link moves the focus by itself. */
function skipToConversation(event: { preventDefault(): void }) {
  event.preventDefault()
  document.getElementById('conversation')?.focus()
}
