import type { MemberRole, Room } from '../../../shared/index.ts'
import { may } from '../people/member-rights.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { OwnSettings } from './own-settings.tsx'
import { RoomForm } from './room-form.tsx'
import { RoomStateActions } from './room-state-actions.tsx'

interface RoomSettingsDialogProps {
  room: Room
  viewerRole: MemberRole | undefined
  onClose: () => void
}

/** A room's settings: the viewer's own, and, if their role allows it, those for everyone. */
export function RoomSettingsDialog({ room, viewerRole, onClose }: RoomSettingsDialogProps) {
  const isDirect = room.kind === 'direct'
  const forViewer = { name: 'For me', content: <OwnSettings roomId={room.id} /> }
  const forAll = {
    name: 'For everyone',
    content: <RoomForm key={room.archivedAt ? 'archived' : 'open'} room={room} />,
  }
  const stateActions = {
    name: 'State',
    content: <RoomStateActions room={room} canDelete={may(viewerRole, 'room.delete')} onDeleted={onClose} />,
  }
  const isRunner = !isDirect && may(viewerRole, 'room.update')
  return (
    <Dialog title={isDirect ? 'Conversation settings' : 'Room settings'} onClose={onClose}>
      <Tabs
        label="Settings"
        tabs={isRunner ? [forAll, forViewer, ...(may(viewerRole, 'room.archive') ? [stateActions] : [])] : [forViewer]}
      />
    </Dialog>
  )
}
