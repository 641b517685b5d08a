import { Fragment, memo, type ReactNode } from 'react'
import { PersonButton } from '../people/person-button.tsx'
import { CodeBlock } from './code-block.tsx'
import type { MentionName } from './message-grammar.ts'
import { type Block, parseMessage, type Span } from './parse-message.ts'

interface RichTextProps {
  content: string
  /** The users that an @ can name here, the longest name first. */
  names: readonly MentionName[]
  /** The user whose mentions stand out. */
  viewerId: string
  /** Shown at the end of the last line. */
  children?: ReactNode
}

/**
 * A message's text as elements. A message can become only these elements, and a safe address is the only attribute that it sets.
 */
export const RichText = memo(function RichText({ content, names, viewerId, children }: RichTextProps) {
  const blocks = parseMessage(content, names)
  const isInline = blocks.at(-1)?.type === 'paragraph'
  return (
    <>
      <Blocks blocks={blocks} viewerId={viewerId}>
        {isInline && children}
      </Blocks>
      {!isInline && children}
    </>
  )
})

interface BlocksProps {
  blocks: readonly Block[]
  viewerId: string
  /** Shown at the end of the last paragraph. */
  children?: ReactNode
}

const Blocks = ({ blocks, viewerId, children }: BlocksProps) =>
  blocks.map((block, index) => (
    // oxlint-disable-next-line react/no-array-index-key -- a text that changes is another text
    <BlockView key={index} block={block} viewerId={viewerId}>
      {index === blocks.length - 1 && children}
    </BlockView>
  ))

function BlockView({ block, viewerId, children }: { block: Block; viewerId: string; children: ReactNode }) {
  switch (block.type) {
    case 'code':
      return <CodeBlock text={block.text} language={block.language} />
    case 'quote':
      return (
        <blockquote className="text-quote">
          <Blocks blocks={block.blocks} viewerId={viewerId} />
        </blockquote>
      )
    case 'list': {
      const items = block.items.map((item, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a text that changes is another text
        <li key={index}>
          <Blocks blocks={item} viewerId={viewerId} />
        </li>
      ))
      if (block.start === null) return <ul className="text-list">{items}</ul>
      return (
        <ol className="text-list" start={block.start === 1 ? undefined : block.start}>
          {items}
        </ol>
      )
    }
    case 'paragraph': {
      const text = (
        <>
          {block.spans.map((span, index) => toElement(span, index, viewerId))}
          {children}
        </>
      )
      return block.isTight ? text : <p>{text}</p>
    }
  }
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
          {span.spans.map((inner, index) => toElement(inner, index, viewerId))}
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
