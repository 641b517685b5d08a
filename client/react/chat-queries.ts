import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { HiddenMessage, Page } from '../../shared/index.ts'
import type { LiveChat } from '../live-chat.ts'
import { useChat } from './chat-context.ts'

/** Data that events keep current is not fetched again in between. This applies to the rest. */
const STALE_MS = 30_000

/** Keys begin with the user: two users on one QueryClient never see each other's data. */
export const queryScope = ({ tenant, viewer }: LiveChat) => ['confab', tenant, viewer.id] as const

/** Options for `useQuery` and `useInfiniteQuery`: data that is fetched, not streamed. Events cause it to be fetched again. */
export function chatQueries(chat: LiveChat) {
  const { client } = chat
  const scope = queryScope(chat)
  const paging = {
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }: { nextCursor: string | null }) => nextCursor,
    staleTime: STALE_MS,
  }
  return {
    user: (userId: string) =>
      queryOptions({
        queryKey: [...scope, 'user', userId],
        queryFn: ({ signal }) => client.user.get.query({ userId }, { signal }),
        staleTime: STALE_MS,
      }),
    /** Users whose name matches the query; all users for an empty query. */
    users: (query = '') =>
      infiniteQueryOptions({
        queryKey: [...scope, 'users', query],
        queryFn: ({ pageParam, signal }) => client.user.list.query({ ...asked(query), ...from(pageParam) }, { signal }),
        ...paging,
      }),
    /** A room as the viewer sees it, whether or not it is open. */
    room: (roomId: string) =>
      queryOptions({
        queryKey: [...scope, 'room', roomId],
        queryFn: ({ signal }) => client.room.get.query({ roomId }, { signal }),
        staleTime: STALE_MS,
      }),
    /** Channels that anyone may join. */
    channels: (query = '') =>
      infiniteQueryOptions({
        queryKey: [...scope, 'channels', query],
        queryFn: ({ pageParam, signal }) =>
          client.room.discover.query({ ...asked(query), ...from(pageParam) }, { signal }),
        ...paging,
      }),
    /** Members page by page. A room that is not large has them all in its state. */
    members: (roomId: string) =>
      infiniteQueryOptions({
        queryKey: [...scope, 'members', roomId],
        queryFn: ({ pageParam, signal }) => client.member.list.query({ roomId, ...from(pageParam) }, { signal }),
        ...paging,
      }),
    message: (roomId: string, messageId: string) =>
      queryOptions({
        queryKey: [...scope, 'message', roomId, messageId],
        queryFn: ({ signal }) => client.message.get.query({ roomId, messageId }, { signal }),
        staleTime: STALE_MS,
      }),
    /** The earlier versions of a message. */
    versions: (roomId: string, messageId: string) =>
      queryOptions({
        queryKey: [...scope, 'versions', roomId, messageId],
        queryFn: ({ signal }) => client.message.versions.query({ roomId, messageId }, { signal }),
        staleTime: STALE_MS,
      }),
    /** The viewer's own reactions to a message. The message itself names only the first ten users of each kind. */
    ownReactions: (roomId: string, messageId: string) =>
      queryOptions({
        queryKey: [...scope, 'message', roomId, messageId, 'own reactions'],
        queryFn: async ({ signal }) => {
          const [own] = await client.reaction.mine.query({ roomId, messageIds: [messageId] }, { signal })
          return own?.emoji ?? []
        },
        staleTime: STALE_MS,
      }),
    /** How far each member has read. For a room that is not large, use `useReceipts`. */
    receipts: (roomId: string) =>
      infiniteQueryOptions({
        queryKey: [...scope, 'receipts', roomId],
        queryFn: ({ pageParam, signal }) => client.receipt.list.query({ roomId, ...from(pageParam) }, { signal }),
        ...paging,
        staleTime: 0,
      }),
    /** Pinned messages, the latest first. */
    pinned: (roomId: string) =>
      infiniteQueryOptions({
        queryKey: [...scope, 'pinned', roomId],
        queryFn: ({ pageParam, signal }) => client.message.pinned.query({ roomId, ...from(pageParam) }, { signal }),
        ...paging,
      }),
    /**
     * The ids of the latest thousand messages that the viewer has hidden in a room. A client that folds events leaves them out.
     */
    hidden: (roomId: string) =>
      queryOptions({
        queryKey: [...scope, 'hidden', roomId],
        queryFn: async ({ signal }): Promise<readonly string[]> => {
          const ids: string[] = []
          let cursor: string | null = ''
          while (cursor !== null && ids.length < MAX_HIDDEN) {
            const page: Page<HiddenMessage> = await client.message.hidden.query(
              { roomId, limit: 100, ...from(cursor) },
              { signal },
            )
            ids.push(...page.items.map(({ messageId }) => messageId))
            cursor = page.nextCursor
          }
          return ids
        },
        staleTime: Number.POSITIVE_INFINITY,
      }),
    /** Followed threads, the latest reply first. */
    threads: () =>
      infiniteQueryOptions({
        queryKey: [...scope, 'threads'],
        queryFn: ({ pageParam, signal }) => client.thread.list.query({ limit: 100, ...from(pageParam) }, { signal }),
        ...paging,
      }),
    /** Messages that match the query, in one room or in all of the viewer's rooms. */
    search: (query: string, roomId?: string) =>
      infiniteQueryOptions({
        queryKey: [...scope, 'search', roomId ?? '', query],
        queryFn: ({ pageParam, signal }) =>
          client.message.search.query(
            { query, limit: 20, ...(roomId ? { roomId } : {}), ...from(pageParam) },
            { signal },
          ),
        ...paging,
        retry: false,
      }),
  }
}

const MAX_HIDDEN = 1_000

const asked = (query: string) => (query.trim() ? { query: query.trim() } : {})
const from = (cursor: string) => (cursor ? { cursor } : {})

/** `chatQueries` of the signed-in user. */
export function useChatQueries(): ReturnType<typeof chatQueries> {
  const chat = useChat()
  return useMemo(() => chatQueries(chat), [chat])
}
