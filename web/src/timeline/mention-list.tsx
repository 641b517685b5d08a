/* oxlint-disable jsx-a11y/prefer-tag-over-role -- a select would take the focus from the field */
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icons.tsx'
import { ROOM_NAME } from './people-context.ts'
import type { MentionCompletion } from './use-mention-completion.ts'

/** Whom an @ can mean, over the field in which it is written. The field keeps the focus. */
export function MentionList({ listId, options, activeIndex, choose }: MentionCompletion) {
  return (
    <div className="mention-list" role="listbox" id={listId} aria-label="People to mention">
      {options.map((option, index) => (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the field handles the keys
        <div
          key={option?.id ?? ''}
          id={`${listId}-${index}`}
          role="option"
          className="mention-option"
          aria-selected={index === activeIndex}
          // The field must not lose the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(option)}
        >
          {option ? (
            <Avatar id={option.id} name={option.name} pictureUrl={option.pictureUrl} size={26} />
          ) : (
            <Icon name="people" size={22} />
          )}
          <bdi className="mention-name">{option?.name ?? `@${ROOM_NAME}`}</bdi>
          <span className="mention-says">{option ? option.id : 'Notify everyone in this room'}</span>
        </div>
      ))}
    </div>
  )
}
