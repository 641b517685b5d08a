import '../styles/later.css'
import { InvitePage } from '../invites/invite-page.tsx'
import { ModerationDialog } from '../moderation/moderation-dialog.tsx'
import { ReportMessageDialog } from '../moderation/report-message-dialog.tsx'
import { LeaveDialog } from '../people/leave-dialog.tsx'
import { MemberPanel } from '../people/member-panel.tsx'
import { OwnProfileDialog, PreferencesDialog } from '../preferences/preferences-dialog.tsx'
import { ProfileCard } from '../profile/profile-card.tsx'
import { DiscoverDialog } from '../rooms/discover-dialog.tsx'
import { HiddenRoomsDialog } from '../rooms/hidden-rooms-dialog.tsx'
import { NewDirectDialog } from '../rooms/new-direct-dialog.tsx'
import { NewRoomDialog } from '../rooms/new-room-dialog.tsx'
import { PickTimeDialog } from '../schedule/pick-time-dialog.tsx'
import { ScheduledDialog } from '../schedule/scheduled-dialog.tsx'
import { SearchPanel } from '../search/search-panel.tsx'
import { QuickSwitcher } from '../switcher/quick-switcher.tsx'
import { FollowedThreadsDialog } from '../threads/followed-threads-dialog.tsx'
import { ThreadPanel } from '../threads/thread-panel.tsx'
import { ForwardDialog } from '../timeline/forward-dialog.tsx'
import { MessageSheet } from '../timeline/message-sheet.tsx'
import { PinnedPanel } from '../timeline/pinned-panel.tsx'
import { ReadersDialog } from '../timeline/readers-dialog.tsx'
import { VersionsDialog } from '../timeline/versions-dialog.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { ShortcutsDialog } from '../ui/shortcuts-dialog.tsx'

/**
 * The parts of the page that are not needed to see the rooms and read one, with their styles: one file of the built page,
 * because small files compress badly. Only `later.tsx` shows these parts, so nothing else pulls them into the first load.
 */
export const laterParts = {
  ConfirmDialog,
  DiscoverDialog,
  FollowedThreadsDialog,
  ForwardDialog,
  InvitePage,
  LeaveDialog,
  MemberPanel,
  MessageSheet,
  ModerationDialog,
  NewDirectDialog,
  NewRoomDialog,
  OwnProfileDialog,
  PickTimeDialog,
  PinnedPanel,
  PreferencesDialog,
  ProfileCard,
  HiddenRoomsDialog,
  QuickSwitcher,
  ReadersDialog,
  ReportMessageDialog,
  ScheduledDialog,
  SearchPanel,
  ShortcutsDialog,
  ThreadPanel,
  VersionsDialog,
}
