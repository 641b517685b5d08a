import type { ReactNode } from 'react'
import { splitLinks } from './message-links.ts'

/** What a message says: text and links, never markup. Each paragraph runs in the direction of its own first letter. */
export function MessageText({ content, children }: { content: string; children?: ReactNode }) {
  return (
    <div className="message-text" dir="auto">
      {splitLinks(content).map(({ at, text, href }) =>
        href ? (
          <a key={at} href={href} target="_blank" rel="noopener noreferrer nofollow">
            {text}
          </a>
        ) : (
          text
        ),
      )}
      {children}
    </div>
  )
}
