import type { ReactNode } from 'react'

interface ScrollerProps {
  /** The name of the scrolling part, for screen readers. */
  label: string
  className: string
  children: ReactNode
}

/**
 * A scrolling part without focusable content. It takes the focus itself, because otherwise no key could scroll it (WCAG 2.2,
 * 2.1.1).
 */
export const Scroller = ({ label, className, children }: ScrollerProps) => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role -- keys scroll it; a fieldset is a form's
  <div className={className} role="group" aria-label={label} tabIndex={0}>
    {children}
  </div>
)
