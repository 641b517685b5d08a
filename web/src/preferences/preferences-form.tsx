import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useAdminQueries, useChat } from '../../../client/react/react-entry.ts'
import type { Preferences, PresenceVisibility } from '../../../shared/index.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { SelectField, SwitchField } from '../ui/fields.tsx'
import { useAttempt } from '../ui/use-attempt.ts'

const VISIBILITIES = [
  ['everyone', 'Everyone'],
  ['rooms', 'People I share a room with'],
  ['nobody', 'Nobody'],
] as const satisfies readonly (readonly [PresenceVisibility, string])[]

/** Preferences for all rooms. Each change is saved at once. */
export function PreferencesForm() {
  const { client } = useChat()
  const queries = useAdminQueries()
  const queryClient = useQueryClient()
  const { data: preferences, error } = useQuery(queries.preferences())
  const { fault, inTurn } = useAttempt()
  if (error) return <FaultLine fault={errorSentence(error)} />
  if (!preferences) return <p className="picker-note">Loading…</p>

  const change = (fields: Partial<Preferences>) => {
    const { queryKey } = queries.preferences()
    queryClient.setQueryData(queryKey, { ...preferences, ...fields })
    void inTurn(async () => {
      try {
        await client.preferences.update.mutate(fields)
      } finally {
        await queryClient.invalidateQueries({ queryKey })
      }
    })
  }
  return (
    <div className="fieldset">
      <SwitchField
        label="Send read receipts"
        isOn={!preferences.hidesReceipts}
        onChange={(isOn) => change({ hidesReceipts: !isOn })}
      />
      <SelectField
        label="Who can see when I’m online"
        value={preferences.presenceVisibility}
        options={VISIBILITIES}
        onChange={(presenceVisibility) => change({ presenceVisibility })}
      />
      <FaultLine fault={fault} />
    </div>
  )
}
