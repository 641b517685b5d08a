import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { toChatError } from '../../server/errors/error-report.ts'
import { CHAT_ERRORS } from '../../shared/errors.ts'
import { errorData, INNARDS, refusalOf } from '../rpc/refusal.ts'
import { newId, signToken, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

/** A database that the code does not expect. */
const rename = (from: string, to: string) =>
  sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(server.app.services.database.db)

/** The ids in the log, each with the path and with what really happened. */
const logged = () =>
  vi.mocked(server.app.services.log.error).mock.calls.map(([entry]) => {
    expect(entry).toMatchObject({ path: expect.any(String), err: { code: '42P01' } })
    return Reflect.get(Object(entry), 'errorId')
  })

const INTERNAL = { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500, reason: 'INTERNAL' }

/** An unexpected error as a client has it. */
const shape = (path: string, errorId: unknown) => ({
  message: CHAT_ERRORS.INTERNAL.message,
  data: { ...INTERNAL, path, errorId },
})

const explain = (error: unknown) => toChatError(error, 'room.get', () => undefined)

describe('an unexpected error', () => {
  let roomId: string

  beforeEach(async () => {
    roomId = (await server.caller('ada').room.create({ kind: 'group', name: 'Room' })).id
    vi.spyOn(server.app.services.log, 'error')
    await rename('members', 'members_elsewhere')
  })

  afterEach(async () => {
    await rename('members_elsewhere', 'members')
    vi.restoreAllMocks()
  })

  const message = () => ({ roomId, clientId: newId(), content: 'Hello' })

  test('carries an id that is in the log, and nothing else, in process', async () => {
    const ada = server.caller('ada')
    const calls = [
      () => ada.message.list({ roomId }),
      () => ada.message.send(message()),
      async () => (await ada.room.onEvent({ roomId }))[Symbol.asyncIterator]().next(),
    ]
    for (const [index, call] of calls.entries()) {
      const error = await refusalOf(call)
      expect(error).toMatchObject({ reason: 'INTERNAL', message: CHAT_ERRORS.INTERNAL.message, cause: undefined })
      expect(logged()[index]).toBe(error?.errorId)
    }
    expect(new Set(logged()).size).toBe(calls.length)
  })

  test('carries an id that is in the log, and nothing else, over HTTP and SSE', async () => {
    const authorization = `Bearer ${await signToken('ada')}`
    const input = JSON.stringify({ json: { roomId } })
    const search = `input=${encodeURIComponent(input)}`
    const body = JSON.stringify({ json: message() })
    const headers = { authorization, 'content-type': 'application/json' }
    const ask = async (path: string, init: RequestInit) =>
      (await fetch(`${server.url}/trpc/${path}`, { headers, ...init })).text()

    const answers = [
      await ask(`message.list?${search}`, {}),
      await ask('message.send', { method: 'POST', body }),
      await ask(`room.onEvent?${search}`, {}),
    ]
    for (const answer of answers) expect(answer).not.toMatch(INNARDS)
    const [list = '', send = '', events = ''] = answers
    expect(errorData(list)).toEqual({ ...INTERNAL, path: 'message.list', errorId: logged()[0] })
    expect(errorData(send)).toEqual({ ...INTERNAL, path: 'message.send', errorId: logged()[1] })
    expect(events).toContain('event: serialized-error')
    expect(events).toContain(`"errorId":"${logged()[2]}"`)
  })

  test('carries an id that is in the log, and nothing else, over a WebSocket', async () => {
    const ada = await server.connect('ada')
    const failed = await ada.message.list.query({ roomId }).catch((error: unknown) => error)
    expect(failed).toMatchObject({ shape: shape('message.list', logged()[0]) })
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const { unsubscribe } = ada.room.onEvent.subscribe({ roomId }, { onError: resolve })
    expect(await promise).toMatchObject({ shape: shape('room.onEvent', logged()[1]) })
    unsubscribe()
  })

  test('ends nothing but its own call', async () => {
    const ada = await server.connect('ada')
    await expect(ada.message.list.query({ roomId })).rejects.toThrow(CHAT_ERRORS.INTERNAL.message)
    expect((await ada.auth.me.query()).user.id).toBe('ada')
  })
})

describe('what the database says', () => {
  test.each(['08006', '53300', '57P01', '57P03', '57014', '40001', '40P01', '55P03', 'ECONNREFUSED', 'ECONNRESET'])(
    '%s is a reason to try again',
    (code) => {
      const error = explain(Object.assign(new Error('terminating connection of user "confab"'), { code }))
      expect(error).toMatchObject({ reason: 'UNAVAILABLE', retryAfterMs: expect.any(Number) })
      expect(error.message).toBe(CHAT_ERRORS.UNAVAILABLE.message)
    },
  )

  test.each(['23505', '42P01', '22021', 'XX000'])('%s is unexpected', (code) => {
    const error = explain(Object.assign(new Error('relation "members" of user "confab"'), { code }))
    expect(error).toMatchObject({ reason: 'INTERNAL', message: CHAT_ERRORS.INTERNAL.message })
    expect(error.errorId).toMatch(/^[0-9a-f-]{36}$/)
  })
})
