import { type Message, type MessagesAround, type MessageVersion, messageInputs } from '../../shared/message.ts'
import type { Page } from '../../shared/page.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { deleteMessage, editMessage } from './message-change.ts'
import { listMessages, messagesAround, messageVersions, readMessage } from './message-read.ts'
import { sendMessage } from './message-send.ts'

export const messageRouter = router({
  send: userProcedure
    .input(messageInputs.send)
    .mutation(({ ctx, input }): Promise<Message> => sendMessage(ctx.services, ctx.session, input)),

  list: userProcedure
    .input(messageInputs.list)
    .query(({ ctx, input }): Promise<Page<Message>> => listMessages(ctx.services, ctx.session, input)),

  around: userProcedure
    .input(messageInputs.around)
    .query(({ ctx, input }): Promise<MessagesAround> => messagesAround(ctx.services, ctx.session, input)),

  get: userProcedure
    .input(messageInputs.get)
    .query(
      ({ ctx, input }): Promise<Message> =>
        readMessage(ctx.services.database.db, ctx.session, input.roomId, input.messageId),
    ),

  edit: userProcedure
    .input(messageInputs.edit)
    .mutation(({ ctx, input }): Promise<Message> => editMessage(ctx.services, ctx.session, input, input.content)),

  delete: userProcedure
    .input(messageInputs.delete)
    .mutation(({ ctx, input }): Promise<Message> => deleteMessage(ctx.services, ctx.session, input)),

  versions: userProcedure
    .input(messageInputs.versions)
    .query(({ ctx, input }): Promise<MessageVersion[]> => messageVersions(ctx.services, ctx.session, input)),
})
