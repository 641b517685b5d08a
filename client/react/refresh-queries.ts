import type { QueryClient, QueryKey } from '@tanstack/react-query'
import type { MessageEvent, RoomEvent } from '../../shared/index.ts'
import type { LiveChat } from '../live-chat.ts'
import type { ChatNews } from '../store/chat-news.ts'
import { queryScope } from './chat-queries.ts'

/** A burst of events causes one refetch. */
const GATHER_MS = 500

/**
 * Refetches data when an event says that it has changed, and refetches everything after a gap in the events. Returns the
 * function that stops.
 */
export function refreshQueries(chat: LiveChat, queryClient: QueryClient): () => void {
  const scope = queryScope(chat)
  /** One entry for each thing that has changed, until the next refresh in half a second. */
  const stale = new Map<string, QueryKey>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let hasBegun = false

  const refresh = () => {
    timer = undefined
    for (const queryKey of stale.values()) void queryClient.invalidateQueries({ queryKey })
    stale.clear()
  }
  const unwatch = chat.onNews((news) => {
    const isFirst = !hasBegun && news.of === 'inbox' && news.event.type === 'inbox.snapshot'
    hasBegun ||= isFirst
    if (isFirst) return
    for (const key of staleKeys(news)) stale.set(key.join(' '), [...scope, ...key])
    if (stale.size > 0) timer ??= setTimeout(refresh, GATHER_MS)
  })
  return () => {
    unwatch()
    clearTimeout(timer)
  }
}

function staleKeys(news: ChatNews): string[][] {
  if (news.of === 'room') return keysOfRoom(news.roomId, news.event)
  if (news.of === 'snapshot') return ['message', 'versions', 'pinned', 'hidden'].map((noun) => [noun, news.roomId])
  const { event } = news
  switch (event.type) {
    case 'inbox.snapshot':
      return [[]]
    case 'room.added':
    case 'room.updated':
      return [['channels'], ['room', event.room.id]]
    case 'room.removed':
      return [['channels'], ['room', event.roomId], ['members', event.roomId]]
    case 'threads':
      return [['threads']]
    case 'viewer':
      return [['room', event.roomId], ...(event.hidden ? [['hidden', event.roomId]] : [])]
    default:
      return [['room', event.roomId]]
  }
}

function keysOfRoom(roomId: string, event: RoomEvent): string[][] {
  if ('member' in event) {
    return [
      // A moderator's action on a report shows in this and in deleted messages. No event announces a new report.
      ...(event.type === 'member.left' ? [['reports', roomId]] : []),
      ['members', roomId],
      ['room', roomId],
      ['user', event.member.userId],
    ]
  }
  if ('room' in event) return [['room', roomId]]
  if (!('message' in event)) return []
  if (event.message.thread || event.message.threadId) return [['threads'], ...keysOfMessage(roomId, event)]
  return keysOfMessage(roomId, event)
}

function keysOfMessage(roomId: string, event: MessageEvent): string[][] {
  if (event.type === 'message.created') return []
  return [
    ...(event.type === 'message.deleted' ? [['reports', roomId]] : []),
    ['pinned', roomId],
    ['message', roomId, event.message.id],
    ['versions', roomId, event.message.id],
  ]
}
