import type { ProxiedConnection } from '../../support/tcp-proxy.ts'
import { byTurns, type Fault } from '../fault.ts'
import { RequestReader } from '../request-reader.ts'

const SHARE = 0.15

/**
 * The link to Postgres ends after the last byte of a commit, or of the statement that sends messages, was passed on and before its
 * answer: it is done, and the server can't know.
 */
export const cutAfterCommit: Fault = {
  run: (scene) =>
    byTurns(scene, { everyMs: 100, forMs: [3_000, 6_000] }, () => {
      const { world, dice, tally } = scene
      const readers = new WeakMap<ProxiedConnection, RequestReader>()
      return world.postgresLink.tap((connection, piece) => {
        const reader = readers.get(connection) ?? new RequestReader()
        readers.set(connection, reader)
        const isDecided = reader.read(piece).some((request) => request.isCommit || request.isSend)
        if (!isDecided || !dice.chance(SHARE)) return
        connection.cutBeforeAnswer()
        tally.count('cuts between commit and answer')
      })
    }),
}
