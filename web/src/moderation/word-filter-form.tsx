import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useAdminQueries, useChat } from '../../../client/react/react-entry.ts'
import { type FilterAction, type FilterWord, LIMITS } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { SelectField } from '../ui/fields.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { useAttempt } from '../ui/use-attempt.ts'

const ACTIONS = [
  ['refuse', 'Block message'],
  ['mask', 'Mask word'],
  ['flag', 'Report to moderators'],
] as const satisfies readonly (readonly [FilterAction, string])[]

/** The room's word filter, as stored on the server. */
export function WordFilterForm({ roomId }: { roomId: string }) {
  const queries = useAdminQueries()
  const { data: filter, error } = useQuery(queries.wordFilter(roomId))
  if (error) return <FaultLine fault={errorSentence(error)} />
  if (!filter) return <p className="picker-note">Loading…</p>
  return <Words roomId={roomId} words={filter.words} />
}

/** Each change is one call on top of the server's current list, so two admins at once keep each other's words. */
function Words({ roomId, words }: { roomId: string; words: readonly FilterWord[] }) {
  const { client } = useChat()
  const { toasts } = useSession()
  const queries = useAdminQueries()
  const queryClient = useQueryClient()
  const { isBusy, fault, attempt } = useAttempt()
  const [pattern, setPattern] = useState('')
  const [action, setAction] = useState<FilterAction>('refuse')

  const update = (change: (words: FilterWord[]) => FilterWord[]) =>
    attempt(async () => {
      const latest = await client.wordFilter.get.query({ roomId })
      const filter = await client.wordFilter.update.mutate({ roomId, words: change(latest.words) })
      queryClient.setQueryData(queries.wordFilter(roomId).queryKey, filter)
    })
  const without = (gone: string) => (all: FilterWord[]) => all.filter((word) => word.pattern !== gone)

  const add = async (event: FormEvent) => {
    event.preventDefault()
    const word = { pattern: pattern.trim(), action }
    if (!(await update((all) => [...without(word.pattern)(all), word]))) return
    setPattern('')
    toasts.note('Word filter saved. It applies to new messages.')
  }

  return (
    <>
      <form className="field-line" onSubmit={(event) => void add(event)}>
        <label className="field">
          <span className="field-label">Word or phrase</span>
          <input
            className="input"
            value={pattern}
            onChange={({ target }) => setPattern(target.value)}
            placeholder="casino*"
            maxLength={LIMITS.filterPattern}
            autoComplete="off"
            dir="auto"
          />
        </label>
        <SelectField label="Action" value={action} options={ACTIONS} onChange={setAction} />
        <button type="submit" className="button button-primary" disabled={isBusy || pattern.trim() === ''}>
          Add
        </button>
      </form>
      <p className="picker-note">Not case-sensitive. Use * for any part of a word.</p>
      <FaultLine fault={fault} />
      <ul className="desk-list" aria-label="Filtered words">
        {words.map((word) => (
          <li key={word.pattern} className="desk-item desk-person">
            <span className="desk-person-text">
              <bdi className="user-name">{word.pattern}</bdi>
              <span className="desk-says">{ACTIONS.find(([each]) => each === word.action)?.[1]}</span>
            </span>
            <IconButton
              icon="bin"
              size={18}
              label={`Remove ${word.pattern}`}
              disabled={isBusy}
              onClick={() => void update(without(word.pattern))}
            />
          </li>
        ))}
      </ul>
      {words.length === 0 && <p className="picker-note">No filtered words.</p>}
    </>
  )
}
