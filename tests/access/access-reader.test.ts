import type { KyselyPlugin } from 'kysely'
import { describe, expect, test } from 'vitest'
import { readAccess } from '../../server/access/access.ts'
import { AccessReader } from '../../server/access/access-reader.ts'
import { UserDirectory } from '../../server/user/user-directory.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

/** The database, and how many queries were sent through it. */
function countingDatabase() {
  let queries = 0
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      queries++
      return node
    },
    transformResult: async ({ result }) => result,
  }
  const db = server.app.services.database.db.withPlugin(plugin)
  return { db, count: () => queries }
}

const reasonOf = (error: unknown) => (error instanceof Error && 'reason' in error ? error.reason : error)

describe('rights that are asked for in one turn', () => {
  test('are those that would be read one by one, in two statements for all', async () => {
    const ada = server.caller('ada')
    const rooms = await Promise.all([
      ada.room.create({ kind: 'group', name: 'Engine room' }),
      ada.room.create({ kind: 'channel', name: 'Announcements' }),
      ada.room.create({ kind: 'group', name: 'Closed' }),
    ])
    await ada.room.delete({ roomId: rooms[2].id })
    const roomIds = [...rooms.map(({ id }) => id), newId()]
    const callers = [
      { tenantId: 'default', userId: 'ada', role: 'user' as const },
      { tenantId: 'default', userId: 'eve', role: 'user' as const },
      { tenantId: 'default', userId: 'backend', role: 'service' as const },
      { tenantId: 'acme', userId: 'ada', role: 'user' as const },
    ]
    const questions = callers.flatMap((caller) => roomIds.map((roomId) => ({ caller, roomId })))
    const { db, count } = countingDatabase()
    const reader = new AccessReader({ db })

    const answers = await Promise.all(
      questions.map(({ caller, roomId }) => reader.read(caller, roomId).catch(reasonOf)),
    )
    expect(count()).toBe(2)

    const alone = await Promise.all(
      questions.map(({ caller, roomId }) => readAccess(db, caller, roomId).catch(reasonOf)),
    )
    expect(answers).toEqual(alone)
    expect(new Set(answers.filter((answer) => typeof answer === 'string'))).toEqual(
      new Set(['NOT_FOUND', 'NOT_A_MEMBER']),
    )
    expect(answers.filter((answer) => typeof answer === 'object')).toHaveLength(4)
  })

  test('users too, each found once for all who ask', async () => {
    await Promise.all(['ada', 'ben', 'cleo'].map((id) => server.caller(id).auth.me()))
    const { db, count } = countingDatabase()
    const users = new UserDirectory({ db })
    const names = ['cleo', 'nobody', 'ada', 'ben', 'ada']
    const found = await Promise.all(names.map((name) => users.find('default', name)))
    expect(found.map((user) => user?.id)).toEqual(['cleo', undefined, 'ada', 'ben', 'ada'])
    expect(count()).toBe(1)
  })
})
