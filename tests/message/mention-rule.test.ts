import { describe, expect, test } from 'vitest'
import { newId, useTestApp } from '../support/test-app.ts'

/*
 * Whom a message mentions, what counts for whom, and who follows a thread by it: the batch decides it in SQL (`SEND_FULL`), an edit in
 * TypeScript (`replaceMentions`). Both run here over one table of cases.
 */

const server = useTestApp()

interface Case {
  title: string
  mentions?: string[]
  mentionsRoom?: boolean
  isReply?: boolean
  /** Follows the thread before anything is said there. */
  follower?: string
  /** What the message says of its mentions. */
  shown: string[]
  /** Users with a row in `mentions`; null stands for everybody. */
  counted: (string | null)[]
}

/** ada writes; ben, cleo and fay are members too; eve has left, and dov never was a member. */
const CASES: Case[] = [
  { title: 'nobody', shown: [], counted: [] },
  { title: 'a member', mentions: ['ben'], shown: ['ben'], counted: ['ben'] },
  {
    title: 'members, in the order given, each once',
    mentions: ['cleo', 'ben', 'cleo'],
    shown: ['cleo', 'ben'],
    counted: ['ben', 'cleo'],
  },
  { title: 'users who are not in the room', mentions: ['dov', 'eve', 'nobody'], shown: [], counted: [] },
  { title: 'oneself, which does not count', mentions: ['ada', 'ben'], shown: ['ada', 'ben'], counted: ['ben'] },
  { title: 'everybody', mentionsRoom: true, shown: [], counted: [null] },
  {
    title: 'everybody and a member, who counts once',
    mentionsRoom: true,
    mentions: ['ben'],
    shown: ['ben'],
    counted: [null],
  },
  { title: 'nobody in a reply', isReply: true, shown: [], counted: [] },
  { title: 'a member in a reply', isReply: true, mentions: ['ben'], shown: ['ben'], counted: ['ben'] },
  {
    title: 'a follower in a reply',
    isReply: true,
    follower: 'ben',
    mentions: ['ben'],
    shown: ['ben'],
    counted: ['ben'],
  },
  { title: 'the root’s author in a reply', isReply: true, mentions: ['cleo'], shown: ['cleo'], counted: ['cleo'] },
  { title: 'oneself in a reply', isReply: true, mentions: ['ada'], shown: ['ada'], counted: [] },
  {
    title: 'users who are not in the room, in a reply',
    isReply: true,
    mentions: ['dov', 'eve'],
    shown: [],
    counted: [],
  },
]

const WAYS = ['sent', 'edited'] as const

/** The markers of the thread's followers: the reply is its second one, after fay's. */
function followsOf({ isReply, follower, shown }: Case): Record<string, number> {
  if (!isReply) return {}
  const known: Record<string, number> = { cleo: 0, fay: 1, ada: 2, ...(follower ? { [follower]: 0 } : {}) }
  // From the reply on.
  return { ...Object.fromEntries(shown.map((userId) => [userId, 1])), ...known }
}

async function write(way: (typeof WAYS)[number], { mentions = [], mentionsRoom = false, isReply, follower }: Case) {
  for (const name of ['ada', 'ben', 'cleo', 'dov', 'eve', 'fay']) await server.caller(name).auth.me()
  const ada = server.caller('ada')
  const memberIds = ['ben', 'cleo', 'eve', 'fay']
  const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room', memberIds })
  await server.caller('eve').room.leave({ roomId })
  const say = (userId: string, more: object = {}) =>
    server.caller(userId).message.send({ roomId, clientId: newId(), content: 'Hello', ...more })
  const { id: threadId } = await say('cleo')
  if (follower) await server.caller(follower).thread.follow({ roomId, threadId })
  const inThread = isReply ? { threadId } : {}
  if (isReply) await say('fay', inThread)
  if (way === 'sent') return { threadId, message: await say('ada', { ...inThread, mentions, mentionsRoom }) }
  const { id: messageId } = await say('ada', inThread)
  return { threadId, message: await ada.message.edit({ roomId, messageId, content: 'Hello', mentions, mentionsRoom }) }
}

describe('the rule of mentions', () => {
  const cases = CASES.flatMap((each) => WAYS.map((way) => ({ title: each.title, way, each })))

  test.each(cases)('$title, $way', async ({ way, each }) => {
    const { threadId, message } = await write(way, each)
    const { db } = server.app.services.database
    const rows = await db
      .selectFrom('mentions')
      .select(['user_id', 'thread_id', 'ordinal', 'sender_id'])
      .where('room_id', '=', message.roomId)
      .orderBy('user_id')
      .execute()
    const follows = await db
      .selectFrom('thread_follows')
      .select(['user_id', 'read_ordinal'])
      .where('room_id', '=', message.roomId)
      .where('thread_id', '=', threadId)
      .execute()
    expect([message.mentions, message.mentionsRoom]).toEqual([each.shown, each.mentionsRoom ?? false])
    expect(rows).toEqual(
      each.counted.map((userId) => ({
        user_id: userId,
        thread_id: each.isReply ? threadId : null,
        ordinal: message.ordinal,
        sender_id: 'ada',
      })),
    )
    expect(Object.fromEntries(follows.map((row) => [row.user_id, row.read_ordinal]))).toEqual(followsOf(each))
  })
})
