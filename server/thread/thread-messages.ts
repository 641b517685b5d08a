import type { Message, ThreadPage } from '../../shared/message.ts'
import type { RoomPaging } from '../../shared/page.ts'
import type { Db, Tx } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { ChatError, invalidInput } from '../errors/chat-error.ts'
import { toMessages } from '../log/message-shape.ts'
import { type Direction, readMessage, selectReadable } from '../log/readable-messages.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'

interface ThreadInput extends RoomPaging {
  threadId: string
  direction: Direction
}

/** A message that has a thread, or may get one. @throws ChatError NOT_FOUND; INVALID_INPUT for a reply */
export async function readRoot(db: Db | Tx, session: Session, roomId: string, threadId: string): Promise<Message> {
  const root = await readMessage(db, session, roomId, threadId)
  if (root.threadId !== null) throw invalidInput('threadId', 'a reply; name the root of its thread')
  if (root.kind === 'system') throw new ChatError('NOT_FOUND')
  return root
}

/** A thread's root and a page of its replies, tombstones among them: oldest first by default. */
export async function readThread(services: Services, session: Session, input: ThreadInput): Promise<ThreadPage> {
  const { roomId, threadId, direction } = input
  const scope = `message.thread/${direction}/${roomId}/${threadId}`
  const page = await openPage(services.cursors, { scope, kinds: ['seq'] }, input)
  return readSnapshot(services.database.db, async (tx) => {
    const root = await readRoot(tx, session, roomId, threadId)
    const replies = selectReadable(tx, session, roomId).where('messages.thread_id', '=', threadId)
    const rows = await page.select(replies, ['messages.ordinal'], direction === 'older' ? 'desc' : 'asc').execute()
    return { root, ...(await page.ofAll(rows, { key: (row) => [row.ordinal ?? 0], items: toMessages })) }
  })
}
