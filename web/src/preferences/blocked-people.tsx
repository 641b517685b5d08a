import { useBlockList } from '../people/block-list.ts'
import { Avatar } from '../ui/avatar.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'

/** The blocked users, with a button to unblock each. */
export function BlockedPeople() {
  const { users, error, isLoading, setBlocked } = useBlockList()
  return (
    <>
      <FaultLine fault={error ? errorSentence(error) : ''} />
      <ul className="desk-list" aria-label="Blocked people" aria-busy={isLoading}>
        {users.map((user) => (
          <li key={user.id} className="desk-item desk-person">
            <Avatar id={user.id} name={user.name} pictureUrl={user.pictureUrl} size={34} />
            <bdi className="user-name desk-person-text">{user.name}</bdi>
            <button
              type="button"
              className="button button-small"
              aria-label={`Unblock ${user.name}`}
              onClick={() => void setBlocked(user, false)}
            >
              Unblock
            </button>
          </li>
        ))}
      </ul>
      {!isLoading && users.length === 0 && (
        <p className="picker-note">
          You haven’t blocked anyone. To block someone, open their menu in a room’s member list.
        </p>
      )}
    </>
  )
}
