import { useQuery } from '@tanstack/react-query'
import { useChatQueries, useViewer } from '../../../client/react/react-entry.ts'
import type { Message, Reaction } from '../../../shared/index.ts'
import { joinNames, usePeople } from './people-context.ts'

interface ReactionsProps {
  message: Message
  /** The row that Tab reaches. */
  isReachable: boolean
  onToggle: ((emoji: string, isOn: boolean) => void) | undefined
}

/** The reactions to a message. A click adds the viewer's own, or removes it. */
export function Reactions({ message, isReachable, onToggle }: ReactionsProps) {
  const own = useOwnReactions(message)
  const viewer = useViewer()
  const people = usePeople()

  const namesOf = ({ emoji, count, firstUserIds }: Reaction) => {
    const isOwn = own.has(emoji)
    const names = firstUserIds.flatMap((id) => (id === viewer.id ? [] : (people.get(id)?.name ?? [])))
    const said = isOwn ? ['You', ...names] : names
    return joinNames(said, count - said.length)
  }

  return (
    <ul className="reactions" aria-label="Reactions">
      {message.reactions.map((reaction) => {
        const { emoji, count } = reaction
        const isOwn = own.has(emoji)
        const names = `${namesOf(reaction)} reacted with ${emoji}`
        return (
          <li key={emoji}>
            <button
              type="button"
              className="reaction"
              aria-pressed={isOwn}
              aria-label={`${emoji} ${count}. ${names}`}
              title={names}
              tabIndex={isReachable ? 0 : -1}
              disabled={!onToggle}
              onClick={() => onToggle?.(emoji, !isOwn)}
            >
              <span className="reaction-emoji">{emoji}</span>
              {count}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

/** A message names only the first ten users of each kind. A query tells whether the viewer is among the others. */
function useOwnReactions({ roomId, id, reactions }: Message): ReadonlySet<string> {
  const viewer = useViewer()
  const queries = useChatQueries()
  const isNamed = ({ firstUserIds }: Reaction) => firstUserIds.includes(viewer.id)
  const isUnsure = reactions.some((each) => each.count > each.firstUserIds.length && !isNamed(each))
  const { data = [] } = useQuery({ ...queries.ownReactions(roomId, id), enabled: isUnsure })
  const beyond = isUnsure ? data : []
  return new Set([...reactions.filter(isNamed).map(({ emoji }) => emoji), ...beyond])
}
