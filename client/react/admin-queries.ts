import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { AuditAction, ReportStatus } from '../../shared/index.ts'
import type { LiveChat } from '../live-chat.ts'
import { useChat } from './chat-context.ts'
import { queryScope } from './chat-queries.ts'

/**
 * Options for `useQuery` and `useInfiniteQuery`: what moderators see of a room, and what only the viewer sees. No event carries
 * these. A refetch shows what is new, and a change made here invalidates what it affects.
 */
export function adminQueries(chat: LiveChat) {
  const { client } = chat
  const scope = queryScope(chat)
  const paging = {
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }: { nextCursor: string | null }) => nextCursor,
  }
  return {
    invites: (roomId: string) =>
      infiniteQueryOptions({
        queryKey: [...scope, 'invites', roomId],
        queryFn: ({ pageParam, signal }) => client.invite.list.query({ roomId, ...from(pageParam) }, { signal }),
        ...paging,
      }),
    /** The preview of a room for the holder of an invite code. An invalid code fails at once with the reason. */
    invite: (inviteCode: string) =>
      queryOptions({
        queryKey: [...scope, 'invite', inviteCode],
        queryFn: ({ signal }) => client.invite.preview.query({ inviteCode }, { signal }),
      }),
    banned: (roomId: string) =>
      infiniteQueryOptions({
        queryKey: [...scope, 'banned', roomId],
        queryFn: ({ pageParam, signal }) => client.member.banned.query({ roomId, ...from(pageParam) }, { signal }),
        ...paging,
      }),
    reports: (roomId: string, status: ReportStatus) =>
      infiniteQueryOptions({
        queryKey: [...scope, 'reports', roomId, status],
        queryFn: ({ pageParam, signal }) =>
          client.report.list.query({ roomId, status, ...from(pageParam) }, { signal }),
        ...paging,
      }),
    wordFilter: (roomId: string) =>
      queryOptions({
        queryKey: [...scope, 'filter', roomId],
        queryFn: ({ signal }) => client.wordFilter.get.query({ roomId }, { signal }),
      }),
    audit: (roomId: string, action?: AuditAction) =>
      infiniteQueryOptions({
        queryKey: [...scope, 'audit', roomId, action ?? ''],
        queryFn: ({ pageParam, signal }) =>
          client.audit.list.query({ roomId, ...(action ? { action } : {}), ...from(pageParam) }, { signal }),
        ...paging,
      }),
    /** The users that the viewer has blocked. */
    blocked: () =>
      infiniteQueryOptions({
        queryKey: [...scope, 'blocked'],
        queryFn: ({ pageParam, signal }) => client.user.blocked.query(from(pageParam), { signal }),
        ...paging,
      }),
    preferences: () =>
      queryOptions({
        queryKey: [...scope, 'preferences'],
        queryFn: ({ signal }) => client.preferences.get.query(undefined, { signal }),
      }),
    /** The viewer's rooms that `room.list` leaves out by default. */
    hiddenRooms: (which: 'archived' | 'hidden') =>
      infiniteQueryOptions({
        queryKey: [...scope, 'hidden-rooms', which],
        queryFn: ({ pageParam, signal }) => client.room.list.query({ [which]: true, ...from(pageParam) }, { signal }),
        ...paging,
      }),
    /** The viewer's scheduled messages of a room, and those that could not be sent. */
    scheduled: (roomId: string) =>
      infiniteQueryOptions({
        queryKey: [...scope, 'scheduled', roomId],
        queryFn: ({ pageParam, signal }) => client.schedule.list.query({ roomId, ...from(pageParam) }, { signal }),
        ...paging,
      }),
  }
}

const from = (cursor: string) => (cursor ? { cursor } : {})

/** `adminQueries` of the signed-in user. */
export function useAdminQueries(): ReturnType<typeof adminQueries> {
  const chat = useChat()
  return useMemo(() => adminQueries(chat), [chat])
}
