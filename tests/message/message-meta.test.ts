import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createApp } from '../../server/app.ts'
import { ChatError } from '../../server/errors/chat-error.ts'
import {
  applyRoomEvent,
  createChatClient,
  type InboxEvent,
  type Message,
  type MyRoom,
  type Page,
  type RoomEvent,
  type RoomState,
} from '../../shared/index.ts'
import { newId, signToken, useTestApp } from '../support/test-app.ts'

/** What this host application keeps beside a message. */
const messageMeta = z.strictObject({
  mood: z.enum(['calm', 'cross']).optional(),
  card: z.strictObject({ title: z.string().trim().min(1), stars: z.int().max(5) }).optional(),
})
type OrderMeta = z.infer<typeof messageMeta>

const server = useTestApp({ messageMeta })

async function roomOf(userId: string): Promise<string> {
  await server.caller(userId).auth.me()
  return (await server.caller(userId).room.create({ kind: 'group', name: 'Orders', meta: { anything: 'goes' } })).id
}

describe('a host application’s schema of meta', () => {
  test('is kept by message.send, which names what breaks it', async () => {
    const roomId = await roomOf('ada')
    const ada = server.caller('ada')
    const send = (meta: Record<string, string | object>) =>
      ada.message.send({ roomId, clientId: newId(), content: 'Hello', meta: JSON.parse(JSON.stringify(meta)) })
    const issuesOf = (call: Promise<unknown>) =>
      call.then(
        () => undefined,
        (error: unknown) =>
          error instanceof ChatError && error.reason === 'INVALID_INPUT'
            ? error.issues?.map(({ path }) => path)
            : error,
      )
    expect(await issuesOf(send({ mood: 'merry' }))).toEqual(['meta.mood'])
    expect(await issuesOf(send({ card: { title: ' ', stars: 6 } }))).toEqual(['meta.card.title', 'meta.card.stars'])
    expect(await issuesOf(send({ unheard: 'of' }))).toEqual(['meta.unheard'])
    expect((await ada.message.list({ roomId })).items).toEqual([])
    expect((await send({ mood: 'calm' })).meta).toEqual({ mood: 'calm' })
  })

  test('makes what is kept: its transformations too, and a repetition is told by what was asked for', async () => {
    const roomId = await roomOf('ada')
    const ada = server.caller('ada')
    const asked = { roomId, clientId: newId(), content: 'Rate us', meta: { card: { title: '  Soup ', stars: 4 } } }
    const sent = await ada.message.send(asked)
    expect(sent.meta).toEqual({ card: { title: 'Soup', stars: 4 } })
    expect(await ada.message.send(asked)).toEqual(sent)
    const forwarded = await ada.message.forward({ roomId, messageId: sent.id, toRoomId: roomId, clientId: newId() })
    expect(forwarded.meta).toEqual(sent.meta)
  })

  test('is asked also where no meta is given', async () => {
    const strict = createApp({
      databaseUrl: server.database.url,
      logLevel: 'silent',
      messageMeta: z.object({ order: z.int() }),
    })
    const roomId = await roomOf('ada')
    const call = strict.createCaller({ userId: 'ada' }).message.send({ roomId, clientId: newId(), content: 'Hello' })
    await expect(call).rejects.toMatchObject({ reason: 'INVALID_INPUT', issues: [{ path: 'meta.order' }] })
    await strict.stop()
  })
})

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function assertType<_T extends true>(): void

/** Compiled, and never run: what the client's type promises. */
export async function typed(): Promise<void> {
  const chat = createChatClient<OrderMeta>({ url: '', token: '' })
  const room = await chat.room.get.query({ roomId: '' })
  assertType<Equal<typeof room, MyRoom<OrderMeta>>>()
  const list = await chat.message.list.query({ roomId: '' })
  assertType<Equal<typeof list, Page<Message<OrderMeta>>>>()
  let state = await chat.room.snapshot.query({ roomId: '' })
  assertType<Equal<typeof state, RoomState<OrderMeta>>>()
  chat.room.onEvent.subscribe(
    { roomId: '' },
    {
      onData({ data }) {
        assertType<Equal<typeof data, RoomEvent<OrderMeta>>>()
        state = applyRoomEvent(state, data)
      },
    },
  )
  chat.inbox.onEvent.subscribe(undefined, {
    onData(event) {
      assertType<Equal<typeof event, InboxEvent<OrderMeta>>>()
    },
  })
  const message = { roomId: '', clientId: '', content: '' }
  await chat.message.send.mutate(message)
  // @ts-expect-error a mood that the schema does not have
  await chat.message.send.mutate({ ...message, meta: { mood: 'merry' } })
  // The meta of rooms and users stays what it was.
  await chat.room.update.mutate({ roomId: '', meta: { anything: 'goes' } })

  interface Required {
    order: number
  }
  const orders = createChatClient<Required>({ url: '', token: '' })
  const { meta } = await orders.message.send.mutate({ ...message, meta: { order: 1 } })
  assertType<Equal<typeof meta, Required>>()
  // @ts-expect-error the schema does not allow `{}`
  await orders.message.send.mutate(message)
}

describe('a client that knows the meta', () => {
  test('has it in what it sends and in what it hears', async () => {
    const roomId = await roomOf('ben')
    const chat = createChatClient<OrderMeta>({ url: server.url, token: await signToken('ben') })
    const events = chat.room.onEvent.subscribe({ roomId })
    await events.next()
    const sent = await chat.message.send.mutate({ roomId, clientId: newId(), content: 'Hello', meta: { mood: 'calm' } })
    const mood: 'calm' | 'cross' | undefined = sent.meta.mood
    expect(mood).toBe('calm')
    const { value } = await events.next()
    expect(value.data.type === 'message.created' ? value.data.message.meta.mood : undefined).toBe('calm')
    await events.return?.()
    await chat.close()
  })
})
