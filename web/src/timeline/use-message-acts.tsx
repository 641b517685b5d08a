import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useMemo, useState } from 'react'
import { type MessageChange, pinning, reacting, removing } from '../../../client/client-entry.ts'
import { useChat, useChatQueries, useMessageActions } from '../../../client/react/react-entry.ts'
import type { Message, Room } from '../../../shared/index.ts'
import { Later } from '../later/later.tsx'
import { plainText } from '../markdown/plain-text.ts'
import { useSession } from '../session/session-context.ts'
import { copyTold } from '../ui/copy-told.ts'
import { fullAddress, messageHref } from '../ui/route.ts'
import type { MessageActs } from './message-acts.ts'
import type { Entry } from './timeline-rows.ts'
import { useHiding } from './use-hiding.ts'

type Asked = { what: 'remove' | 'forward' | 'report' | 'readers' | 'versions'; entry: Entry; message: Message }

interface OwnActs extends Pick<MessageActs, 'edit' | 'reply' | 'takeBack' | 'openThread' | 'goTo'> {
  /** Shows a change at once and sends it, through the room's store or a thread's. Always the same function. */
  change: (change: MessageChange) => Promise<Message>
}

interface ActsAndDialogs {
  acts: MessageActs
  /** The open dialog: a question before an act, or its outcome. */
  dialogs: ReactNode
}

/** The actions on messages, in a timeline or in a thread, with their dialogs. */
export function useMessageActs(
  room: Room,
  { change, edit, reply, takeBack, openThread, goTo }: OwnActs,
): ActsAndDialogs {
  const { client, viewer } = useChat()
  const { toasts } = useSession()
  const { retry, discard, markUnread } = useMessageActions(room.id)
  const queries = useChatQueries()
  const queryClient = useQueryClient()
  const [asked, setAsked] = useState<Asked>()
  const roomId = room.id
  const setHidden = useHiding(roomId)

  const acts = useMemo<MessageActs>(() => {
    const target = (message: Message) => ({ roomId, messageId: message.id })
    const run = (work: Promise<unknown>) => void work.catch((error: unknown) => toasts.fault(error))
    const ask = (what: Asked['what'], entry: Entry) => {
      if (entry.message) setAsked({ what, entry, message: entry.message })
    }

    const react = async (message: Message, emoji: string, isOn: boolean) => {
      const { queryKey } = queries.ownReactions(roomId, message.id)
      const own = (known: string[] = []) => (isOn ? [...known, emoji] : known.filter((each) => each !== emoji))
      queryClient.setQueryData<string[]>(queryKey, (known) => known && own(known))
      try {
        await change(reacting(client, target(message), { emoji, userId: viewer.id, isOn }))
      } finally {
        void queryClient.invalidateQueries({ queryKey })
      }
    }

    const hide = async (messageId: string) => {
      await setHidden(messageId, true)
      toasts.note('Hidden for you.', { text: 'Undo', run: () => run(setHidden(messageId, false)) })
    }

    return {
      edit,
      reply,
      openThread,
      goTo,
      remove: (entry) => ask('remove', entry),
      forward: (entry) => ask('forward', entry),
      report: (entry) => ask('report', entry),
      copy: ({ content }) => void copyTold(toasts, content, 'Copied.'),
      copyLink: ({ message }) =>
        message && void copyTold(toasts, fullAddress(messageHref(roomId, message.id)), 'Link copied.'),
      showReaders: (entry) => ask('readers', entry),
      showVersions: (entry) => ask('versions', entry),
      retry: ({ clientId }) => retry(clientId),
      discard: ({ clientId }) => discard(clientId),
      takeBack: (entry) => {
        discard(entry.clientId)
        takeBack(entry)
      },
      react: ({ message }, emoji, isOn) => message && run(react(message, emoji, isOn)),
      pin: ({ message }, isPinned) => message && run(change(pinning(client, target(message), isPinned))),
      markUnread: ({ message }) => message && run(markUnread(message.seq)),
      hide: ({ message }) => message && run(hide(message.id)),
    }
  }, [
    roomId,
    client,
    viewer.id,
    toasts,
    retry,
    discard,
    markUnread,
    queries,
    queryClient,
    setHidden,
    change,
    edit,
    reply,
    takeBack,
    openThread,
    goTo,
  ])

  const close = () => setAsked(undefined)
  const dialogs = asked && (
    <Later onFail={close}>
      {({ ConfirmDialog, ForwardDialog, ReportMessageDialog, ReadersDialog, VersionsDialog }) => (
        <>
          {asked.what === 'remove' && (
            <ConfirmDialog
              title="Delete this message?"
              action="Delete"
              onConfirm={() => change(removing(client, { roomId, messageId: asked.message.id }))}
              onClose={close}
            >
              <p>It is deleted for everyone in this room. This can’t be undone.</p>
              <blockquote className="quote" dir="auto">
                {plainText(asked.entry.content)}
              </blockquote>
            </ConfirmDialog>
          )}
          {asked.what === 'forward' && <ForwardDialog message={asked.message} onClose={close} />}
          {asked.what === 'report' && <ReportMessageDialog message={asked.message} onClose={close} />}
          {asked.what === 'versions' && <VersionsDialog message={asked.message} onClose={close} />}
          {asked.what === 'readers' && <ReadersDialog room={room} message={asked.message} onClose={close} />}
        </>
      )}
    </Later>
  )
  return { acts, dialogs }
}
