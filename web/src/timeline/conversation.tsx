import { useCallback, useMemo, useState } from 'react'
import { useChat, useMessageActions } from '../../../client/react/react-entry.ts'
import type { RoomState } from '../../../shared/index.ts'
import { Later } from '../later/later.tsx'
import { may } from '../people/member-rights.ts'
import { useSession } from '../session/session-context.ts'
import { Composer } from './composer.tsx'
import type { MessageRights } from './message-acts.ts'
import { PeopleContext } from './people-context.ts'
import { RoomHeader } from './room-header.tsx'
import { Timeline } from './timeline.tsx'
import type { Entry } from './timeline-rows.ts'
import { TypingLine } from './typing-line.tsx'
import { useClosed } from './use-closed.ts'
import { useLinkedMessage } from './use-linked-message.ts'
import { useMessageActs } from './use-message-acts.tsx'
import { useRoomChanges } from './use-room-changes.ts'
import { useSidePanel } from './use-side-panel.ts'
import { useSlowMode } from './use-slow-mode.ts'
import { useTakeBack } from './use-take-back.ts'
import type { UnreadLine } from './use-unread-line.ts'

interface ConversationProps {
  state: RoomState
  /** False while the room is shown from memory. */
  isCurrent: boolean
  unreadLine: UnreadLine
  title: string
}

/** A loaded room: its header, its timeline, the composer, and the open panel. */
export function Conversation({ state, isCurrent, unreadLine, title }: ConversationProps) {
  const { viewer, inbox } = useChat()
  const { room, members, messages } = state
  const actions = useMessageActions(room.id)
  const { panel, isOver, setPanel, closePanel } = useSidePanel(room.id)
  const [editedId, setEditedId] = useState<string>()
  const [quoted, setQuoted] = useState<Entry>()
  const { visit } = useSession()
  useLinkedMessage(room.id)

  const self = members.find(({ userId }) => userId === viewer.id)
  const viewerRole = self?.role ?? inbox.entryOf(room.id)?.room.viewer.role
  const edited = messages.find(({ id, deletedAt }) => id === editedId && !deletedAt)
  const people = useMemo(() => new Map(members.map(({ userId, user }) => [userId, user])), [members])
  const closed = useClosed(state, self)
  const changes = useRoomChanges(state)
  const slowUntil = useSlowMode(state, viewerRole)
  const isDirect = room.kind === 'direct'
  const [deleteAny, pin, mayRoom, write] = [
    !isDirect && may(viewerRole, 'message.deleteAny'),
    isDirect || may(viewerRole, 'message.pin'),
    may(viewerRole, 'message.mentionRoom'),
    closed === '',
  ]
  const rights = useMemo<MessageRights>(() => ({ deleteAny, pin, write }), [deleteAny, pin, write])
  const mentions = { isLarge: room.isLarge, mayRoom }

  const takeBack = useTakeBack({
    place: room.id,
    messages,
    quote: (answered) => {
      setEditedId(undefined)
      if (answered) setQuoted(answered)
    },
  })

  const { acts, dialogs } = useMessageActs(room, {
    change: actions.change,
    takeBack,
    edit: useCallback(({ message }: Entry) => setEditedId(message?.id), []),
    reply: useCallback((entry: Entry) => {
      setEditedId(undefined)
      setQuoted(entry)
    }, []),
    openThread: useCallback(({ message }: Entry) => message && setPanel({ threadId: message.id }), [setPanel]),
    goTo: useCallback(
      (messageId: string) => visit.set({ roomId: room.id, messageId, threadId: null }),
      [visit, room.id],
    ),
  })

  const editLast = () =>
    setEditedId(
      messages.findLast(
        ({ senderId, deletedAt, kind, forwardedFrom }) =>
          senderId === viewer.id && !deletedAt && kind === 'text' && !forwardedFrom,
      )?.id,
    )

  return (
    <PeopleContext value={people}>
      <div className="conversation" data-panel={panel ? (typeof panel === 'string' ? panel : 'thread') : undefined}>
        <div className="conversation-main" inert={isOver}>
          <RoomHeader
            state={state}
            title={title}
            viewerRole={viewerRole}
            panel={panel}
            onPanel={(next) => (next === panel ? closePanel() : setPanel(next))}
          />
          <Timeline
            room={room}
            changes={changes}
            isCurrent={isCurrent}
            unreadLine={unreadLine}
            title={title}
            rights={rights}
            editedId={edited?.id}
            acts={acts}
          />
          <footer className="conversation-foot">
            <TypingLine roomId={room.id} />
            <Composer
              roomId={room.id}
              label={`Message ${title}`}
              closedBecause={closed}
              slowUntil={slowUntil}
              edited={edited}
              edit={actions.edit}
              quoted={quoted}
              mentions={mentions}
              onQuoteEnd={() => setQuoted(undefined)}
              onEditLast={editLast}
              onEditEnd={(messageId) => setEditedId((current) => (current === messageId ? undefined : current))}
            />
          </footer>
        </div>
        {isOver && (
          <button type="button" className="panel-scrim" aria-label="Close panel" tabIndex={-1} onClick={closePanel} />
        )}
        {panel && (
          <Later onFail={closePanel}>
            {({ MemberPanel, SearchPanel, PinnedPanel, ThreadPanel }) => (
              <>
                {panel === 'members' && (
                  <MemberPanel state={state} title={title} viewerRole={viewerRole} onClose={closePanel} />
                )}
                {panel === 'search' && <SearchPanel room={room} title={title} onClose={closePanel} />}
                {panel === 'pinned' && <PinnedPanel room={room} acts={acts} mayUnpin={pin} onClose={closePanel} />}
                {typeof panel === 'object' && (
                  <ThreadPanel
                    key={panel.threadId}
                    room={room}
                    threadId={panel.threadId}
                    sought={panel}
                    rights={rights}
                    mentions={mentions}
                    closedBecause={closed}
                    slowUntil={slowUntil}
                    onClose={closePanel}
                  />
                )}
              </>
            )}
          </Later>
        )}
        {dialogs}
      </div>
    </PeopleContext>
  )
}
