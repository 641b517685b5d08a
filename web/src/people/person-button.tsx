import { createContext, type ReactNode, use } from 'react'
import type { UserSummary } from '../../../shared/index.ts'
import { SessionContext } from '../session/session-context.ts'

/** Whether Tab reaches what stands here: of a timeline's rows it reaches one. */
export const ReachContext = createContext(true)

interface PersonButtonProps {
  user: UserSummary
  className?: string
  /** What is read out; the content where there is none. */
  label?: string
  /** A second way to the same profile, which Tab and a screen reader pass over. */
  isSecond?: boolean
  /** Said here instead of by the context. */
  isReachable?: boolean
  children: ReactNode
}

/** A person's name or picture, which opens their profile. Nothing but the content where nobody is signed in. */
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
