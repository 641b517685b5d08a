import { Fragment, type ReactNode } from 'react'
import { useViewer } from '../../../client/react/react-entry.ts'
import type { MemberRole, UserSummary } from '../../../shared/index.ts'
import { fullTime } from '../ui/times.ts'
import type { RoomChange } from './timeline-change.ts'

const NAMED = 3

/** Changes in one line: "Bob and Carol joined". Only changes of the same kind share a line. */
export function ChangeLine({ changes }: { changes: readonly RoomChange[] }) {
  const viewerId = useViewer().id
  const [first] = changes
  if (!first) return null
  return (
    <p className="system-message" title={fullTime(first.at)}>
      {wordsOf(first, changes, viewerId)}
    </p>
  )
}

function wordsOf(first: RoomChange, changes: readonly RoomChange[], viewerId: string): ReactNode {
  switch (first.what) {
    case 'joined':
    case 'left':
      return (
        <>
          <Names users={changes.flatMap((change) => ('user' in change ? [change.user] : []))} viewerId={viewerId} />
          {` ${first.what}`}
        </>
      )
    case 'role':
      return (
        <>
          <Names users={[first.user]} viewerId={viewerId} /> {first.user.id === viewerId ? 'are' : 'is'} now{' '}
          {ROLE_WORDS[first.role]}
        </>
      )
    case 'renamed':
      return (
        <>
          The room is now called <bdi>“{first.name}”</bdi>
        </>
      )
  }
}

const ROLE_WORDS: Record<MemberRole, string> = {
  owner: 'the owner',
  admin: 'an admin',
  moderator: 'a moderator',
  member: 'a member',
}

/** "Bob", "Bob and Carol", "Bob, Carol, Dora and 4 others" */
function Names({ users, viewerId }: { users: readonly UserSummary[]; viewerId: string }) {
  const named = users.length > NAMED + 1 ? users.slice(0, NAMED) : users
  const others = users.length - named.length
  return (
    <>
      {named.map(({ id, name }, index) => (
        <Fragment key={id}>
          {index > 0 && (index === named.length - 1 && others === 0 ? ' and ' : ', ')}
          <bdi>{id === viewerId ? 'You' : name}</bdi>
        </Fragment>
      ))}
      {others > 0 && ` and ${others} others`}
    </>
  )
}
