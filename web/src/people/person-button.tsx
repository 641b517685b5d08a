import { createContext, type ReactNode, use } from 'react'
import type { UserSummary } from '../../../shared/index.ts'
import { SessionContext } from '../session/session-context.ts'

/** Whether Tab reaches this button. In a timeline, Tab reaches only one row. */
export const ReachContext = createContext(true)

interface PersonButtonProps {
  user: UserSummary
  className?: string
  /** The accessible name; the content if there is none. */
  label?: string
  /** A second button for the same profile. Tab and screen readers skip it. */
  isSecond?: boolean
  /** Overrides the value of the context. */
  isReachable?: boolean
  children: ReactNode
}

/** A name or picture that opens the person's profile. Only the content if nobody is signed in. */
export function PersonButton({
  user,
  className = '',
  label,
  isSecond = false,
  isReachable,
  children,
}: PersonButtonProps) {
  const session = use(SessionContext)
  const isInReach = use(ReachContext)
  if (!session) return children
  return (
    <button
      type="button"
      className={`person-button ${className}`}
      aria-label={label}
      aria-haspopup="dialog"
      aria-hidden={isSecond || undefined}
      tabIndex={(isReachable ?? isInReach) && !isSecond ? 0 : -1}
      onClick={({ currentTarget }) => session.profile.set({ user, anchor: currentTarget })}
    >
      {children}
    </button>
  )
}
