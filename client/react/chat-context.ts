import { createContext, useContext } from 'react'
import type { ConnectionState, User } from '../../shared/index.ts'
import type { LiveChat } from '../live-chat.ts'
import { useStore } from './use-store.ts'

export const ChatContext = createContext<LiveChat | null>(null)

/** The client and the live stores of the signed-in user. Works only below `ConfabProvider`. */
export function useChat(): LiveChat {
  const chat = useContext(ChatContext)
  if (!chat) throw new Error('Unable to find the chat; render the component below ConfabProvider')
  return chat
}

/** The signed-in user, with the current profile. */
export const useViewer = (): User => useStore(useChat().self)

/** Whether the server can be reached, and the reason once it has refused this client for good. */
export const useConnection = (): ConnectionState => useStore(useChat().connection)
