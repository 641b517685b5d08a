import { Fragment, memo, type ReactNode } from 'react'
import { PersonButton } from '../people/person-button.tsx'
import { type Block, parseBlocks } from './markdown-blocks.ts'
import type { MentionName, Span } from './markdown-spans.ts'

interface RichTextProps {
  content: string
  /** Whom an @ can name here, the longest name first. */
  names: readonly MentionName[]
  /** Whose own mentions stand out. */
  viewerId: string
  /** Stands at the end of the last line. */
  children?: ReactNode
}

/** A message's text as elements: what somebody wrote can become no others than these, and no attribute but a safe address. */
export const RichText = memo(function RichText({ content, names, viewerId, children }: RichTextProps) {
  const blocks = parseBlocks(content, names)
  const last = blocks.at(-1)
  const isInline = last === undefined || last.type === 'text'
  return (
    <>
      {blocks.map((block, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a text that changes is another text
        <BlockView key={index} block={block} viewerId={viewerId}>
          {isInline && block === last && children}
        </BlockView>
      ))}
      {(!isInline || !last) && children}
    </>
  )
})

function BlockView({ block, viewerId, children }: { block: Block; viewerId: string; children: ReactNode }) {
  if (block.type === 'code') {
    return (
      <pre className="text-code" dir="ltr">
        <code>{block.text}</code>
      </pre>
    )
  }
  const lines = block.lines.map((spans) => spans.map((span, index) => toElement(span, index, viewerId)))
  if (block.type === 'list') {
    // oxlint-disable-next-line react/no-array-index-key -- a text that changes is another text
    const items = lines.map((line, index) => <li key={index}>{line}</li>)
    return block.start === null ? (
      <ul className="text-list">{items}</ul>
    ) : (
      <ol className="text-list" start={block.start}>
        {items}
      </ol>
    )
  }
  const text = lines.map((line, index) => (
    // oxlint-disable-next-line react/no-array-index-key -- a text that changes is another text
    <Fragment key={index}>
      {index > 0 && '\n'}
      {line}
    </Fragment>
  ))
  if (block.type === 'quote') return <blockquote className="text-quote">{text}</blockquote>
  return (
    <p>
      {text}
      {children}
    </p>
  )
}

function toElement(span: Span, key: number, viewerId: string): ReactNode {
  switch (span.type) {
    case 'text':
      return <Fragment key={key}>{span.text}</Fragment>
    case 'code':
      return <code key={key}>{span.text}</code>
    case 'link':
      return (
        <a key={key} href={span.href} title={span.href} target="_blank" rel="noopener noreferrer nofollow">
          {span.text}
        </a>
      )
    case 'mention': {
      const isOwn = !span.userId || span.userId === viewerId
      const words = (
        <bdi className="mention" data-own={isOwn || undefined}>
          {span.text}
        </bdi>
      )
      if (!span.userId) return <Fragment key={key}>{words}</Fragment>
      return (
        <PersonButton key={key} user={{ id: span.userId, name: span.text.slice(1), pictureUrl: null }}>
          {words}
        </PersonButton>
      )
    }
    default: {
      const Tag = span.type
      return <Tag key={key}>{span.spans.map((inner, index) => toElement(inner, index, viewerId))}</Tag>
    }
  }
}
