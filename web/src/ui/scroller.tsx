import type { ReactNode } from 'react'

interface ScrollerProps {
  /** What scrolls here, for who hears the page. */
  label: string
  className: string
  children: ReactNode
}

/** A part that scrolls and holds nothing that takes the focus: it takes the focus itself, or no key could scroll it (WCAG 2.2, 2.1.1). */
export const Scroller = ({ label, className, children }: ScrollerProps) => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role -- keys scroll it; a fieldset is a form's
  <div className={className} role="group" aria-label={label} tabIndex={0}>
    {children}
  </div>
)
