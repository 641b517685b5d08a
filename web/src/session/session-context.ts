import { createContext, use } from 'react'
import type { ChatSession } from './chat-session.ts'

export const SessionContext = createContext<ChatSession | null>(null)

/** The session of the signed-in user. Works only below the workspace. */
export function useSession(): ChatSession {
  const session = use(SessionContext)
  if (!session) throw new Error('Unable to show this; nobody is signed in')
  return session
}
