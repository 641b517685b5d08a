import type { MessageEvent } from '../../shared/room-event.ts'
import { type AuthoredRow, toMessage } from '../log/message-shape.ts'

type Dated = 'thread_last_at' | 'pinned_at' | 'created_at' | 'edited_at' | 'deleted_at'

/** A message's row as Postgres writes it in JSON: dates are text. */
type RootJson = Omit<AuthoredRow, Dated | 'client_hash' | 'user_name' | 'user_picture_url'> &
  Record<'created_at', string> &
  Record<Exclude<Dated, 'created_at'>, string | null>

/** The thread's root as a batch left it, beside the last reply to it. */
export interface BatchedRoot {
  root?: RootJson | null
  root_user_name?: string | null
  root_user_picture_url?: string | null
}

const date = (text: string | null): Date | null => (text === null ? null : new Date(text))

/** The change of a thread's root that came with the replies of a batch; undefined beside all replies but the last one. */
export function rootEvent({ root, root_user_name, root_user_picture_url }: BatchedRoot): MessageEvent | undefined {
  if (!root) return undefined
  const message = toMessage({
    ...root,
    user_name: root_user_name ?? '',
    user_picture_url: root_user_picture_url ?? null,
    created_at: new Date(root.created_at),
    thread_last_at: date(root.thread_last_at),
    pinned_at: date(root.pinned_at),
    edited_at: date(root.edited_at),
    deleted_at: date(root.deleted_at),
  })
  return { type: 'message.updated', seq: message.changedSeq, prev: message.changedSeq - 1, message }
}
