import { Dialog } from '../ui/dialog.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { BlockedPeople } from './blocked-people.tsx'
import { PreferencesForm } from './preferences-form.tsx'
import { StatusForm } from './status-form.tsx'

/** What the viewer prefers in all rooms, and how they show themselves. */
export function PreferencesDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Your preferences" onClose={onClose}>
      <Tabs
        label="Preferences"
        tabs={[
          { name: 'Preferences', content: <PreferencesForm /> },
          { name: 'Status', content: <StatusForm /> },
          { name: 'Blocked', content: <BlockedPeople /> },
        ]}
      />
    </Dialog>
  )
}
