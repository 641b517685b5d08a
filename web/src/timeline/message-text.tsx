import type { ReactNode } from 'react'
import { useViewer } from '../../../client/react/react-entry.ts'
import { isEmojiOnly } from '../markdown/emoji-only.ts'
import { RichText } from '../markdown/rich-text.tsx'
import { useMentionNames } from './people-context.ts'
import type { Entry } from './timeline-rows.ts'

interface MessageTextProps {
  said: Pick<Entry, 'content' | 'mentions' | 'mentionsRoom'>
  children?: ReactNode
}

/** A message's content. Each paragraph takes its direction from its first letter. */
export function MessageText({ said, children }: MessageTextProps) {
  const viewer = useViewer()
  const names = useMentionNames(said.mentions, said.mentionsRoom)
  return (
    <div className="message-text" dir="auto" data-emoji-only={isEmojiOnly(said.content) || undefined}>
      <RichText content={said.content} names={names} viewerId={viewer.id}>
        {children}
      </RichText>
    </div>
  )
}
