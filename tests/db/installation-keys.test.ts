import { inspect } from 'node:util'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { completeConfig } from '../../server/config.ts'
import { Database } from '../../server/db/database.ts'
import { InstallationKeys } from '../../server/db/installation-keys.ts'
import { createEmptyDatabase, type TestDatabase } from '../support/test-database.ts'
import { statementsByConnection } from '../support/watched-statements.ts'

const opened: Database[] = []
let database: TestDatabase

beforeAll(async () => {
  database = await createEmptyDatabase()
})

afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()))
  await database.drop()
})

const connect = (): Database => {
  const opening = new Database(completeConfig({ databaseUrl: database.url }), pino({ level: 'silent' }))
  opened.push(opening)
  return opening
}

/** The keys as one node has them. */
async function node(): Promise<InstallationKeys> {
  const keys = new InstallationKeys(connect())
  await keys.load()
  return keys
}

/** As after a minute of quiet. */
const age = () =>
  connect()
    .db.updateTable('secrets')
    .set(({ fn, val }) => ({ created_at: fn('to_timestamp', [val(0)]) }))
    .execute()

const rowsOf = async () => await connect().db.selectFrom('secrets').select('generation').orderBy('generation').execute()

describe('the installation’s keys', () => {
  test('are made once, however many nodes start at once, and survive them', async () => {
    await connect().migrate()
    const nodes = await Promise.all([1, 2, 3, 4, 5, 6].map(node))
    expect(await rowsOf()).toEqual([{ generation: 1 }])
    expect(new Set(nodes.map((keys) => keys.sign('cursor', 'a place'))).size).toBe(1)
    const later = await node()
    const signature = nodes[0]?.sign('cursor', 'a place') ?? ''
    expect(await later.verify('cursor', 'a place', signature)).toBe(true)
    expect(await later.verify('cursor', 'another place', signature)).toBe(false)
    const [first] = signature
    expect(
      await later.verify(
        'cursor',
        'a place',
        signature.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
      ),
    ).toBe(false)
    expect(await later.verify('cursor', 'a place', `${first}${signature}`)).toBe(false)
  })

  test('rotate: the newest signs, two verify, and a node learns of a new one by meeting it', async () => {
    const [here, there] = [await node(), await node()]
    const first = here.sign('cursor', 'a place')
    expect(await here.rotate('cursor')).toBe(false)
    await age()
    expect(await here.rotate('cursor')).toBe(true)
    const second = here.sign('cursor', 'a place')
    expect(second).not.toBe(first)
    // What the other node still signs with holds here, and what is signed here it looks up, and signs with from then on.
    expect(there.sign('cursor', 'a place')).toBe(first)
    expect(await here.verify('cursor', 'a place', first)).toBe(true)
    expect(await there.verify('cursor', 'a place', second)).toBe(true)
    expect(there.sign('cursor', 'a place')).toBe(second)

    await age()
    expect(await there.rotate('cursor')).toBe(true)
    expect(await rowsOf()).toEqual([{ generation: 2 }, { generation: 3 }])
    expect(await there.verify('cursor', 'a place', second)).toBe(true)
    expect(await there.verify('cursor', 'a place', first)).toBe(false)
    expect(await (await node()).verify('cursor', 'a place', first)).toBe(false)
  })

  test('rotate once, however many ask at once', async () => {
    await age()
    const nodes = await Promise.all([1, 2, 3].map(node))
    const answers = await Promise.all(nodes.map((keys) => keys.rotate('cursor')))
    expect(answers.filter(Boolean)).toHaveLength(1)
  })

  test('are looked up once for all the signatures with unknown keys that come together', async () => {
    const keys = await node()
    const unknown = (id: number) => keys.verify('cursor', 'a place', `${id}`.padEnd(28, 'x'))
    const statements = await statementsByConnection(async () => {
      const verified = await Promise.all(Array.from({ length: 1_000 }, (_, id) => unknown(id)))
      expect(verified.some(Boolean)).toBe(false)
    })
    expect(statements.flat().filter(({ text }) => text.includes('secrets'))).toHaveLength(1)
  })

  test('are in no log and in nothing that is printed', async () => {
    const keys = await node()
    const [row] = await connect().db.selectFrom('secrets').select('key').orderBy('generation', 'desc').execute()
    const lines: string[] = []
    pino({}, { write: (line: string) => lines.push(line) }).info({ keys, signature: keys.sign('cursor', 'a place') })
    const printed = [lines.join(), JSON.stringify(keys), inspect(keys)].join()
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(printed).not.toContain(row?.key.toString(encoding).slice(0, 16))
    }
  })
})
