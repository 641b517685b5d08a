import { Dialog } from '../ui/dialog.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { BlockedPeople } from './blocked-people.tsx'
import { PreferencesForm } from './preferences-form.tsx'
import { ProfileForm } from './profile-form.tsx'
import { StatusForm } from './status-form.tsx'

/** The viewer's profile, and their preferences for all rooms. */
export function PreferencesDialog({ first = 'Preferences', onClose }: { first?: string; onClose: () => void }) {
  return (
    <Dialog title="Your preferences" onClose={onClose}>
      <Tabs
        label="Preferences"
        first={first}
        tabs={[
          { name: 'Profile', content: <ProfileForm /> },
          { name: 'Preferences', content: <PreferencesForm /> },
          { name: 'Status', content: <StatusForm /> },
          { name: 'Blocked', content: <BlockedPeople /> },
        ]}
      />
    </Dialog>
  )
}

/** Only the profile, for editing the name or the picture. */
export const OwnProfileDialog = ({ onClose }: { onClose: () => void }) => (
  <PreferencesDialog first="Profile" onClose={onClose} />
)
