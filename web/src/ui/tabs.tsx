import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react'
import { useScrollEdges } from './use-scroll-edges.ts'

interface Tab {
  name: string
  content: ReactNode
}

interface TabsProps {
  label: string
  tabs: readonly [Tab, ...Tab[]]
  /** The name of the first visible tab. */
  first?: string
}

/** Tabs: arrow keys move between them. Only the visible one is rendered. */
export function Tabs({ label, tabs, first }: TabsProps) {
  const [index, setIndex] = useState(() =>
    Math.max(
      0,
      tabs.findIndex(({ name }) => name === first),
    ),
  )
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  useScrollEdges(list)
  const shown = tabs[index] ?? tabs[0]

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const next = (index + step + tabs.length) % tabs.length
    setIndex(next)
    event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus()
  }

  if (tabs.length === 1) return <div className="tab-page">{shown.content}</div>
  return (
    <>
      <div ref={list} role="tablist" tabIndex={-1} className="tabs" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map(({ name }, each) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${each}`}
            className="tab"
            aria-selected={each === index}
            aria-controls={`${id}-page`}
            tabIndex={each === index ? 0 : -1}
            onClick={({ currentTarget }) => {
              setIndex(each)
              currentTarget.scrollIntoView({ block: 'nearest', inline: 'center', behavior: 'smooth' })
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-page`} className="tab-page" aria-labelledby={`${id}-${index}`} key={shown.name}>
        {shown.content}
      </div>
    </>
  )
}
