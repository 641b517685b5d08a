import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createChatClient } from '../../shared/index.ts'
import { newId, signToken, useTestApp } from '../support/test-app.ts'

const development = useTestApp({ authSecret: undefined })
const production = useTestApp()

const invited = z.object({ roomId: z.string() })
const signedIn = z.object({ token: z.string() })

async function signIn(name: string): Promise<string> {
  const answer = await fetch(`${development.url}/dev/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  return signedIn.parse(await answer.json()).token
}

const invite = (url: string, headers: Record<string, string>) => fetch(`${url}/dev/demo`, { method: 'POST', headers })

async function clientOf(name: string) {
  const token = await signIn(name)
  const client = createChatClient({ url: development.url, token })
  return { client, bearer: { authorization: `Bearer ${token}` } }
}

type Client = Awaited<ReturnType<typeof clientOf>>['client']

/** What the room says, newest last, once it has so many messages. */
async function messagesOf(client: Client, roomId: string, count: number) {
  const read = async () => (await client.message.list.query({ roomId })).items
  await expect.poll(async () => (await read()).length).toBeGreaterThanOrEqual(count)
  return (await read()).toSorted((a, b) => a.seq - b.seq)
}

describe('demo people', () => {
  test('are nobody until they are invited', async () => {
    const { items } = await development.caller('zoe').user.list({})
    expect(items.filter(({ id }) => id.startsWith('demo-'))).toEqual([])
  })

  test('greet in a room of their own; one answers what is said there, and another who is mentioned', async () => {
    const { client, bearer } = await clientOf('Ada')
    const { roomId } = invited.parse(await (await invite(development.url, bearer)).json())
    expect((await messagesOf(client, roomId, 3)).map(({ sender }) => sender.name)).toEqual([
      'Mira Lindqvist',
      'Jonas Okafor',
      'Amira Haddad',
    ])
    expect(invited.parse(await (await invite(development.url, bearer)).json())).toEqual({ roomId })

    await client.message.send.mutate({ roomId, clientId: newId(), content: 'Hello, is anybody here?' })
    const answered = await messagesOf(client, roomId, 5)
    expect(answered.at(-1)).toMatchObject({ sender: { name: 'Mira Lindqvist' } })
    const mentions = ['demo-jonas-okafor']
    await client.message.send.mutate({ roomId, clientId: newId(), content: 'And you, @Jonas Okafor?', mentions })
    const both = await messagesOf(client, roomId, 7)
    expect(both.at(-1)).toMatchObject({ sender: { name: 'Jonas Okafor' } })
    await client.close()
  })

  test('answer who writes to them alone, and not each other', async () => {
    const { client, bearer } = await clientOf('Ben')
    await invite(development.url, bearer)
    const { id: roomId } = await client.room.direct.mutate({ userId: 'demo-amira-haddad' })
    await client.message.send.mutate({ roomId, clientId: newId(), content: 'Lunch?' })
    const [question, answer] = await messagesOf(client, roomId, 2)
    expect([question?.sender.id, answer?.sender.id]).toEqual(['ben', 'demo-amira-haddad'])
    const jonas = development.caller('demo-jonas-okafor')
    const { id: theirs } = await jonas.room.direct({ userId: 'demo-amira-haddad' })
    await jonas.message.send({ roomId: theirs, clientId: newId(), content: 'Lunch?' })
    await client.message.send.mutate({ roomId, clientId: newId(), content: 'Dinner?' })
    await messagesOf(client, roomId, 4)
    expect((await jonas.message.list({ roomId: theirs })).items).toHaveLength(1)
    await client.close()
  })

  test('come for those who are signed in here, and in development alone', async () => {
    expect((await invite(development.url, {})).status).toBe(401)
    expect((await invite(development.url, { authorization: 'Bearer nonsense' })).status).toBe(401)
    expect((await invite(development.url, { 'x-forwarded-for': '192.0.2.1' })).status).toBe(403)
    const bearer = { authorization: `Bearer ${await signToken('ada')}` }
    expect((await invite(production.url, bearer)).status).toBe(404)
    const offer = async (url: string): Promise<unknown> => (await fetch(`${url}/sign-in`)).json()
    expect(await offer(development.url)).toEqual({ byName: true, hasDemoPeople: true })
    expect(await offer(production.url)).toEqual({ byName: false, hasDemoPeople: false })
  })
})
