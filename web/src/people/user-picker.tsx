import { useId, useState } from 'react'
import { LIMITS, type UserSummary } from '../../../shared/index.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icons.tsx'
import { useUserSearch } from './user-search.ts'

interface UserPickerProps {
  label: string
  /** Users who can't be picked: the viewer, and those who are already members. */
  leaveOut: ReadonlySet<string>
  picked: readonly UserSummary[]
  onToggle: (user: UserSummary) => void
  hasFirstFocus?: boolean
}

/** A user search with a list of checkboxes. */
export function UserPicker({ label, leaveOut, picked, onToggle, hasFirstFocus = false }: UserPickerProps) {
  const [query, setQuery] = useState('')
  const { users, isLoading, fault, hasMore } = useUserSearch(query, leaveOut)
  const listId = useId()
  const pickedIds = new Set(picked.map(({ id }) => id))

  return (
    <div className="picker">
      <label className="field">
        <span className="field-label">{label}</span>
        <span className="search">
          <Icon name="search" size={18} />
          <input
            className="input"
            type="search"
            placeholder="Search by name"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
            data-first-focus={hasFirstFocus || undefined}
            autoComplete="off"
            aria-controls={listId}
          />
        </span>
      </label>
      {picked.length > 0 && (
        <ul className="chips" aria-label="Selected">
          {picked.map((user) => (
            <li key={user.id}>
              <button type="button" className="chip" onClick={() => onToggle(user)} aria-label={`Remove ${user.name}`}>
                <bdi>{user.name}</bdi>
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <ul className="people" id={listId} aria-busy={isLoading}>
        {users.map((user) => (
          <li key={user.id}>
            <button
              type="button"
              className="person"
              aria-pressed={pickedIds.has(user.id)}
              onClick={() => onToggle(user)}
            >
              <Avatar id={user.id} name={user.name} pictureUrl={user.pictureUrl} size={32} />
              <bdi className="person-name">{user.name}</bdi>
              <span className="person-tick">{pickedIds.has(user.id) && <Icon name="check" size={18} />}</span>
            </button>
          </li>
        ))}
      </ul>
      <output className="picker-note">{fault || noteOf(users.length, isLoading, query, hasMore)}</output>
    </div>
  )
}

function noteOf(count: number, isLoading: boolean, query: string, hasMore: boolean): string {
  if (count === 0) return isLoading ? 'Searching…' : query ? 'No people found.' : 'Nobody else has signed in yet.'
  return hasMore ? 'Type a name to find more people.' : ''
}

/** Adds or removes the user; at most as many as one call takes. */
export function toggled(picked: readonly UserSummary[], user: UserSummary): readonly UserSummary[] {
  const others = picked.filter(({ id }) => id !== user.id)
  return others.length < picked.length ? others : [...picked, user].slice(0, LIMITS.userIds - 1)
}
