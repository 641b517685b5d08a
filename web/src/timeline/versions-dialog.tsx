import { useQuery } from '@tanstack/react-query'
import { useChatQueries } from '../../../client/react/react-entry.ts'
import type { Message } from '../../../shared/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { fullTime } from '../ui/times.ts'
import { MessageText } from './message-text.tsx'

interface Version {
  content: string
  /** When it was written; null if the server does not keep versions that old. */
  at: Date | null
  label: string
}

/** The earlier versions of an edited message, the latest first. */
export function VersionsDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const queries = useChatQueries()
  const { roomId, id } = message
  const { data: current = message } = useQuery(queries.message(roomId, id))
  const { data: earlier, error } = useQuery(queries.versions(roomId, id))
  const isReadable = earlier !== undefined && !error && !current.deletedAt

  const versions: Version[] = isReadable
    ? [
        { content: current.content, at: current.editedAt, label: 'Now' },
        ...earlier.map(({ content }, index) => {
          const before = earlier[index + 1]
          const isFirst = !before && earlier.length < MAX_VERSIONS
          return {
            content,
            at: before?.replacedAt ?? (isFirst ? current.createdAt : null),
            label: isFirst ? 'Original' : '',
          }
        }),
      ]
    : []

  return (
    <Dialog title="Edit history" onClose={onClose}>
      <div className="dialog-scroll" aria-busy={!earlier && !error}>
        <ol className="versions" aria-label="Versions">
          {versions.map(({ content, at, label }, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- a version has no name but its place
            <li key={index} className="version">
              <p className="version-head">
                {label && <strong>{label}</strong>}
                {at && <time dateTime={at.toISOString()}>{fullTime(at)}</time>}
              </p>
              <MessageText said={{ content, mentions: current.mentions, mentionsRoom: current.mentionsRoom }} />
            </li>
          ))}
        </ol>
        {current.deletedAt && <p className="dialog-text">This message was deleted.</p>}
        <FaultLine fault={error && !current.deletedAt ? errorSentence(error) : ''} />
      </div>
    </Dialog>
  )
}

/** The number of versions that the server returns. If a message has more, the oldest here is not the original. */
const MAX_VERSIONS = 100
