/**
 * What the hooks and the stores give, as their users read it. Compiled by published-types.test.ts in a project of its own, and never
 * run.
 */
import { QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import {
  type ChatFailure,
  type GoneCause,
  LiveChat,
  type OutboxEntry,
  type OutgoingMessage,
  type PagePhase,
  type RoomEntry,
} from 'confab/client'
import {
  ConfabProvider,
  type ReadingMarker,
  useChatQueries,
  useConnection,
  useInbox,
  useMessages,
  usePresence,
  useReadMarker,
  useRoom,
  useSelected,
  useTyping,
  useViewer,
} from 'confab/react'
import {
  type ChatErrorReason,
  type ConnectionState,
  createChatClient,
  type Inbox,
  type Member,
  type Message,
  type MyRoom,
  type Presence,
  type RoomState,
  type User,
  type UserSummary,
} from 'confab/shared'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function assertType<_T extends true>(): void

const client = createChatClient({ url: 'https://chat.example.com', token: 'token' })

export const App = () => (
  <ConfabProvider client={client} queryClient={new QueryClient()} fallback="Connecting…">
    <Room roomId="0198c7a2-7d3e-7b64-9f5e-0d2a51c3b8aa" />
  </ConfabProvider>
)

export const withChat = async () => (
  <ConfabProvider chat={await LiveChat.open(client)} queryClient={new QueryClient()}>
    <p>Open</p>
  </ConfabProvider>
)

function Room({ roomId }: { roomId: string }) {
  const room = useRoom(roomId)
  assertType<Equal<typeof room.phase, 'loading' | 'failed' | 'gone' | 'open'>>()
  if (room.phase === 'open') {
    assertType<Equal<typeof room.state, RoomState>>()
    assertType<Equal<typeof room.state.members, Member[]>>()
  }
  if (room.phase === 'gone') assertType<Equal<typeof room.cause, GoneCause>>()
  if (room.phase === 'failed') assertType<Equal<typeof room.failure, ChatFailure>>()

  const log = useMessages(roomId)
  assertType<Equal<typeof log.messages, readonly Message[]>>()
  assertType<Equal<typeof log.waiting, readonly OutboxEntry[]>>()
  assertType<Equal<typeof log.older, PagePhase>>()
  assertType<Equal<ReturnType<typeof log.edit>, Promise<Message>>>()
  assertType<Equal<Extract<Parameters<typeof log.send>[0], string>, string>>()
  assertType<Equal<Exclude<Parameters<typeof log.send>[0], string>, OutgoingMessage>>()
  assertType<Equal<OutgoingMessage['content'], string>>()
  assertType<Equal<ChatFailure['reason'], ChatErrorReason | null>>()

  assertType<Equal<ReturnType<typeof useTyping>['users'], readonly UserSummary[]>>()
  assertType<Equal<ReturnType<typeof usePresence>, Presence | undefined>>()
  assertType<Equal<ReturnType<typeof useViewer>, User>>()
  assertType<Equal<ReturnType<typeof useConnection>, ConnectionState>>()
  assertType<Equal<ReturnType<typeof useReadMarker>, ReadingMarker>>()

  const inbox = useInbox()
  assertType<Equal<typeof inbox.entries, readonly RoomEntry[]>>()
  assertType<Equal<typeof inbox.inbox, Inbox>>()

  const queries = useChatQueries()
  const { data } = useQuery(queries.room(roomId))
  assertType<Equal<typeof data, MyRoom | undefined>>()
  const members = useInfiniteQuery(queries.members(roomId)).data?.pages[0]?.items
  assertType<Equal<typeof members, Member[] | undefined>>()
  return <p>{data?.name}</p>
}

export function unreadOf(chat: LiveChat): number {
  const unread = useSelected(chat.inbox.view, (view) => view.inbox.unread)
  assertType<Equal<typeof unread, number>>()
  return unread
}
