import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icons.tsx'
import { CompletionList } from './completion-list.tsx'
import { ROOM_NAME } from './people-context.ts'
import type { MentionCompletion } from './use-mention-completion.ts'

/** The users that an @ can name. */
export function MentionList(completion: MentionCompletion) {
  if (completion.options.length === 0) return null
  return (
    <CompletionList {...completion} label="People to mention" keyOf={(option) => option?.id ?? ''}>
      {(option) => (
        <>
          {option ? (
            <Avatar id={option.id} name={option.name} pictureUrl={option.pictureUrl} size={26} />
          ) : (
            <Icon name="people" size={22} />
          )}
          <bdi className="mention-name">{option?.name ?? `@${ROOM_NAME}`}</bdi>
          <span className="mention-says">{option ? option.id : 'Notify everyone in this room'}</span>
        </>
      )}
    </CompletionList>
  )
}
