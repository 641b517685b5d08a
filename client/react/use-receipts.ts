import { useMemo } from 'react'
import type { ReceiptMap } from '../people/receipt-store.ts'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

/** How far the members of a room have read, by user id, live. Empty in a large room. */
export function useReceipts(roomId: string): ReceiptMap {
  const chat = useChat()
  return useStore(useMemo(() => chat.receipts(roomId), [chat, roomId]).receipts)
}
