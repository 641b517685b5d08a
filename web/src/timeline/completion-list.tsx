/* oxlint-disable jsx-a11y/prefer-tag-over-role -- a select would take the focus from the field */
import type { ReactNode } from 'react'
import type { OptionList } from './use-option-list.ts'

interface CompletionListProps<Option> extends OptionList<Option> {
  label: string
  keyOf: (option: Option) => string
  /** The content of an option. */
  children: (option: Option) => ReactNode
}

/** The completions of a word, above its field. The field keeps the focus. */
export function CompletionList<Option>(props: CompletionListProps<Option>) {
  const { label, listId, options, activeIndex, choose, keyOf, children } = props
  return (
    <div className="mention-list" role="listbox" id={listId} aria-label={label}>
      {options.map((option, index) => (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the field handles the keys
        <div
          key={keyOf(option)}
          id={`${listId}-${index}`}
          role="option"
          className="mention-option"
          aria-selected={index === activeIndex}
          // The field must not lose the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(option)}
        >
          {children(option)}
        </div>
      ))}
    </div>
  )
}
