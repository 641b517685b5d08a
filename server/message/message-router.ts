import {
  type HiddenMessage,
  type Message,
  type MessagesAround,
  type MessageVersion,
  messageInputs,
  type ThreadPage,
} from '../../shared/message.ts'
import type { Page } from '../../shared/page.ts'
import { type SearchHit, searchInputs } from '../../shared/search.ts'
import { readMessage } from '../log/readable-messages.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { searchMessages } from '../search/message-search.ts'
import { readThread } from '../thread/thread-messages.ts'
import { deleteMessage } from './message-delete.ts'
import { editMessage } from './message-edit.ts'
import { forwardMessage } from './message-forward.ts'
import { hideMessage, listHidden, unhideMessage } from './message-hide.ts'
import { listPinned, pinMessage, unpinMessage } from './message-pin.ts'
import { listMessages, messagesAround, messageVersions } from './message-read.ts'
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

  search: userProcedure
    .input(searchInputs.search)
    .query(({ ctx, input }): Promise<Page<SearchHit>> => searchMessages(ctx.services, ctx.session, input)),

  get: userProcedure
    .input(messageInputs.get)
    .query(
      ({ ctx, input }): Promise<Message> =>
        readMessage(ctx.services.database.db, ctx.session, input.roomId, input.messageId),
    ),

  edit: userProcedure
    .input(messageInputs.edit)
    .mutation(({ ctx, input }): Promise<Message> => editMessage(ctx.services, ctx.session, input)),

  delete: userProcedure
    .input(messageInputs.delete)
    .mutation(({ ctx, input }): Promise<Message> => deleteMessage(ctx.services, ctx.session, input)),

  versions: userProcedure
    .input(messageInputs.versions)
    .query(({ ctx, input }): Promise<MessageVersion[]> => messageVersions(ctx.services, ctx.session, input)),

  forward: userProcedure
    .input(messageInputs.forward)
    .mutation(({ ctx, input }): Promise<Message> => forwardMessage(ctx.services, ctx.session, input)),

  pin: userProcedure
    .input(messageInputs.pin)
    .mutation(({ ctx, input }): Promise<Message> => pinMessage(ctx.services, ctx.session, input)),

  unpin: userProcedure
    .input(messageInputs.pin)
    .mutation(({ ctx, input }): Promise<Message> => unpinMessage(ctx.services, ctx.session, input)),

  pinned: userProcedure
    .input(messageInputs.pinned)
    .query(({ ctx, input }): Promise<Page<Message>> => listPinned(ctx.services, ctx.session, input)),

  hide: userProcedure
    .input(messageInputs.hide)
    .mutation(({ ctx, input }): Promise<void> => hideMessage(ctx.services, ctx.session, input)),

  unhide: userProcedure
    .input(messageInputs.hide)
    .mutation(({ ctx, input }): Promise<void> => unhideMessage(ctx.services, ctx.session, input)),

  hidden: userProcedure
    .input(messageInputs.hidden)
    .query(({ ctx, input }): Promise<Page<HiddenMessage>> => listHidden(ctx.services, ctx.session, input)),

  thread: userProcedure
    .input(messageInputs.thread)
    .query(({ ctx, input }): Promise<ThreadPage> => readThread(ctx.services, ctx.session, input)),
})
