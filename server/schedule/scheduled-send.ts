import type { Authenticator } from '../auth/authenticator.ts'
import { sendMessage } from '../message/message-send.ts'
import type { Services } from '../rpc/context.ts'
import type { SendAs } from './schedule-sender.ts'

/** Sends a scheduled message as if its author called now: as a known user who is not banned, with their current rights. */
export const scheduledSend =
  (services: Services, authenticator: Authenticator): SendAs =>
  async (row) => {
    const { session } = authenticator.contextOfCaller({ tenant: row.tenant_id, userId: row.user_id })
    await session.admit()
    const { room_id: roomId, client_id: clientId, content, mentions, mentions_room: mentionsRoom } = row
    const answered = { replyToId: row.reply_to_id ?? undefined, threadId: row.thread_id ?? undefined }
    const input = { roomId, clientId, content, mentions, mentionsRoom, ...answered }
    return sendMessage(services, session, input, { isScheduled: true })
  }
