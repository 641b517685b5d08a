/**
 * A frontend as its author would write it: inputs, outputs, events and errors come typed from the package alone. Compiled by
 * published-types.test.ts in a project of its own, and never run.
 */
import { TRPCClientError } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import {
  type AppRouter,
  applyRoomEvent,
  type ChatErrorReason,
  createChatClient,
  type Member,
  type Message,
  type MyRoom,
  type Page,
  type Presence,
  type RoomEvent,
  type RoomState,
} from 'confab/shared'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function assertType<_T extends true>(): void

type Outputs = inferRouterOutputs<AppRouter>
type Inputs = inferRouterInputs<AppRouter>

assertType<Equal<Outputs['message']['send'], Message>>()
assertType<Equal<Outputs['message']['list'], Page<Message>>>()
assertType<Equal<Outputs['room']['create'], MyRoom>>()
assertType<Equal<Outputs['room']['snapshot'], RoomState>>()
assertType<Equal<Outputs['member']['add'], Member[]>>()
assertType<Equal<Outputs['presence']['get'], Presence[]>>()
assertType<Equal<Inputs['receipt']['read'], { roomId: string; seq: number; unreadMarks?: number | undefined }>>()
assertType<Equal<Inputs['room']['create']['kind'], 'group' | 'channel'>>()
assertType<Equal<Message['createdAt'], Date>>()

const chat = createChatClient({ url: 'https://chat.example.com', token: () => 'token' })

export async function follow(roomId: string): Promise<() => void> {
  let state = await chat.room.snapshot.query({ roomId })
  const subscription = chat.room.onEvent.subscribe(
    { roomId, lastEventId: state.position },
    {
      onData({ id, data }) {
        assertType<Equal<typeof id, string>>()
        assertType<Equal<typeof data, RoomEvent>>()
        state = applyRoomEvent(state, data)
        if (data.type === 'message.created') assertType<Equal<typeof data.message, Message>>()
        if (data.type === 'reset') assertType<Equal<typeof data.reason, 'epoch' | 'too-old' | 'too-far'>>()
      },
      onError(error) {
        assertType<Equal<NonNullable<typeof error.data>['reason'], ChatErrorReason>>()
      },
    },
  )
  return () => subscription.unsubscribe()
}

export async function send(roomId: string, content: string): Promise<string> {
  try {
    const message = await chat.message.send.mutate({ roomId, clientId: crypto.randomUUID(), content })
    return message.id
  } catch (error) {
    if (error instanceof TRPCClientError) return error.message
    throw error
  }
}

/** A frontend whose host application has a `messageMeta` of its own. */
export async function sendOrder(roomId: string, order: number): Promise<number> {
  const orders = createChatClient<{ order: number }>({ url: 'https://chat.example.com', token: 'token' })
  let state = await orders.room.snapshot.query({ roomId })
  orders.room.onEvent.subscribe(
    { roomId },
    {
      onData({ data }) {
        state = applyRoomEvent(state, data)
        if (data.type === 'message.created') assertType<Equal<typeof data.message, Message<{ order: number }>>>()
      },
    },
  )
  const input = { roomId, clientId: crypto.randomUUID(), content: 'An order' }
  const { meta } = await orders.message.send.mutate({ ...input, meta: { order } })
  return meta.order + state.messages.length
}
