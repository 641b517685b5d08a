import { useTyping } from '../../../client/react/react-entry.ts'

/** The users who are typing. Its space is always reserved, so that nothing jumps. */
export function TypingLine({ roomId }: { roomId: string }) {
  const { users } = useTyping(roomId)
  const [first, second] = users
  return (
    <div className="typing" aria-live="polite">
      {first && (
        <>
          <span className="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span className="typing-names">
            <bdi>{first.name}</bdi>
            {users.length === 1 && ' is typing'}
            {second && users.length === 2 && (
              <>
                {' and '}
                <bdi>{second.name}</bdi>
                {' are typing'}
              </>
            )}
            {users.length > 2 && ` and ${users.length - 1} others are typing`}
          </span>
        </>
      )}
    </div>
  )
}
