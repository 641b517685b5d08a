import { type KeyboardEvent, useId, useState } from 'react'

export interface OptionList<Option> {
  listId: string
  /** Empty while the list is closed. */
  options: readonly Option[]
  activeIndex: number
  /** True if the list has used the key. */
  onKey: (event: KeyboardEvent) => boolean
  choose: (option: Option) => void
}

interface OptionListRules<Option> {
  options: readonly Option[]
  /** A new key starts again at the first option. */
  query: string | undefined
  choose: (option: Option) => void
  close: () => void
}

/** A list above a field that keeps the focus: arrow keys move in it, Enter and Tab choose, Escape closes. */
export function useOptionList<Option>({ options, query, choose, close }: OptionListRules<Option>): OptionList<Option> {
  const [active, setActive] = useState({ query, index: 0 })
  const activeIndex = Math.min(active.query === query ? active.index : 0, options.length - 1)
  const setIndex = (index: number) => setActive({ query, index })

  const onKey = (event: KeyboardEvent): boolean => {
    const option = options[activeIndex]
    if (option === undefined) return false
    if (event.key === 'ArrowDown') setIndex((activeIndex + 1) % options.length)
    else if (event.key === 'ArrowUp') setIndex((activeIndex - 1 + options.length) % options.length)
    else if (event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)) choose(option)
    else if (event.key === 'Escape') close()
    else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  return { listId: useId(), options, activeIndex, onKey, choose }
}
