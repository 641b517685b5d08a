import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test } from 'vitest'
import { signToken, useTestApp } from '../support/test-app.ts'

const app = useTestApp()
const PROGRAM = join(import.meta.dirname, 'closing-program.ts')

/** From the word that its client is closed to the program's own end; later, it is killed. */
const END_MS = 8_000

const ends: (() => unknown)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A way to the app, or to nobody who answers, that counts who comes. */
async function openDoor(target?: string): Promise<{ url: string; opened: () => number }> {
  let opened = 0
  const sockets = new Set<Socket>()
  const door: Server = createServer((from) => {
    // After an upgrade that was given up, Node itself connects once more and asks for nothing: that does not count.
    from.once('data', () => opened++)
    sockets.add(from.on('error', () => undefined))
    if (!target) return
    const to = connect(Number(new URL(target).port), '127.0.0.1').on('error', () => from.destroy())
    sockets.add(to)
    from.pipe(to).pipe(from)
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    door.close()
  })
  const address = door.address()
  if (typeof address !== 'object' || !address) throw new Error('The door has no address')
  return { url: `http://127.0.0.1:${address.port}`, opened: () => opened }
}

interface Run {
  token?: string
  calls?: 'websocket' | 'http'
  count: number
  closeAfterMs: number
}

/** Runs the program to its own end. */
async function run(door: { url: string; opened: () => number }, { token, calls, count, closeAfterMs }: Run) {
  const args = [PROGRAM, door.url, token ?? (await signToken('ada')), calls ?? 'websocket', count, closeAfterMs]
  const child: ChildProcess = spawn(process.execPath, args.map(String), { stdio: ['ignore', 'pipe', 'inherit'] })
  ends.push(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  if (!child.stdout) throw new Error('The program has no output')
  const lines = createInterface(child.stdout)
  let openedBefore: number | undefined
  let outcome: unknown
  let limit: ReturnType<typeof setTimeout> | undefined
  lines.on('line', (line) => {
    const word: object = JSON.parse(line)
    if (!('closed' in word)) {
      outcome = word
      return
    }
    limit = setTimeout(() => child.kill('SIGKILL'), END_MS)
    // Connections that stand before the door by now are let in first.
    setImmediate(() =>
      setImmediate(() => {
        openedBefore = door.opened()
      }),
    )
  })
  const [code] = await exited
  clearTimeout(limit)
  return { code, outcome, openedLate: door.opened() - (openedBefore ?? door.opened()) }
}

const CLOSED = { completed: 1, late: 'CLIENT_CLOSED', status: 'closed' }

describe('a program that closes its client ends by itself, and nothing opens any more', () => {
  test.each(['websocket', 'http'] as const)('in the middle of 10,000 calls over %s', async (calls) => {
    const { code, outcome, openedLate } = await run(await openDoor(app.url), {
      calls,
      count: 10_000,
      closeAfterMs: 300,
    })
    expect({ code, openedLate }).toEqual({ code: 0, openedLate: 0 })
    expect(outcome).toMatchObject({ ...CLOSED, tally: { CLIENT_CLOSED: expect.any(Number) } })
  })

  test('before its first connection', async () => {
    const result = await run(await openDoor(app.url), { count: 100, closeAfterMs: 0 })
    expect(result).toMatchObject({ code: 0, outcome: { ...CLOSED, tally: { CLIENT_CLOSED: 100 } } })
  })

  test('while it connects to a server that says nothing', async () => {
    const result = await run(await openDoor(), { count: 100, closeAfterMs: 300 })
    expect(result).toEqual({ code: 0, outcome: { ...CLOSED, tally: { CLIENT_CLOSED: 100 } }, openedLate: 0 })
  })

  test.each(['websocket', 'http'] as const)('while it waits for a token that never comes, over %s', async (calls) => {
    const result = await run(await openDoor(app.url), { token: 'never', calls, count: 100, closeAfterMs: 300 })
    expect(result).toEqual({ code: 0, outcome: { ...CLOSED, tally: { CLIENT_CLOSED: 100 } }, openedLate: 0 })
  })

  test.each(['websocket', 'http'] as const)('while it waits to try again, over %s', async (calls) => {
    const nobody = { url: 'http://127.0.0.1:2', opened: () => 0 }
    const result = await run(nobody, { calls, count: 100, closeAfterMs: 1_500 })
    expect(result).toEqual({ code: 0, outcome: { ...CLOSED, tally: { CLIENT_CLOSED: 100 } }, openedLate: 0 })
  })

  test('while calls wait for as long as the server says', async () => {
    // Of a user whose calls of the last ten seconds are none.
    const token = await signToken('bea')
    const { code, outcome, openedLate } = await run(await openDoor(app.url), { token, count: 700, closeAfterMs: 3_000 })
    expect({ code, openedLate }).toEqual({ code: 0, openedLate: 0 })
    expect(outcome).toMatchObject({ ...CLOSED, tally: { answered: 500, CLIENT_CLOSED: 200 } })
  })
})
