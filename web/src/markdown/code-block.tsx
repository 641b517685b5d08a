import { useEffect, useState } from 'react'
import { copyText } from '../ui/copy-text.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Scroller } from '../ui/scroller.tsx'
import type { CodeRun } from './highlight-code.ts'

interface CodeBlockProps {
  text: string
  /** The language as written; '' if none was. */
  language: string
}

const COPIED_MS = 2_000

/** Code with a copy button, highlighted if its language is named and known. */
export function CodeBlock({ text, language }: CodeBlockProps) {
  const runs = useHighlight(text, language)
  return (
    <div className="text-code">
      <Scroller label="Code" className="text-code-scroll">
        <pre dir="ltr">
          <code>
            {runs?.map(({ scope, text }, index) =>
              scope ? (
                // oxlint-disable-next-line react/no-array-index-key -- a text that changes is another text
                <span key={index} data-scope={scope.split('.', 1)[0]}>
                  {text}
                </span>
              ) : (
                text
              ),
            ) ?? text}
          </code>
        </pre>
      </Scroller>
      <CopyButton text={text} />
    </div>
  )
}

function CopyButton({ text }: { text: string }) {
  const [outcome, setOutcome] = useState<'' | 'Copied' | 'Couldn’t copy'>('')
  useEffect(() => {
    if (!outcome) return undefined
    const timer = setTimeout(() => setOutcome(''), COPIED_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  return (
    <>
      <IconButton
        icon={outcome === 'Copied' ? 'check' : 'copy'}
        className="text-code-copy"
        label="Copy code"
        size={16}
        onClick={() => void copyText(text).then((isCopied) => setOutcome(isCopied ? 'Copied' : 'Couldn’t copy'))}
      />
      <output className="for-readers">{outcome}</output>
    </>
  )
}

/** The highlighted runs of the code; undefined until the highlighter is loaded, and for an unknown language. */
function useHighlight(text: string, language: string): readonly CodeRun[] | undefined {
  const [found, setFound] = useState<{ text: string; language: string; runs: readonly CodeRun[] | undefined }>()
  useEffect(() => {
    if (!language) return undefined
    let isGone = false
    import('./highlight-code.ts').then(
      ({ highlightCode }) => {
        if (!isGone) setFound({ text, language, runs: highlightCode(text, language) })
      },
      // Without a connection the code stays plain.
      () => undefined,
    )
    return () => {
      isGone = true
    }
  }, [text, language])
  return found?.text === text && found.language === language ? found.runs : undefined
}
