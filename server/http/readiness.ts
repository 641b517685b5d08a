import type { Logger } from 'pino'
import type { RedisLink } from '../bus/redis-link.ts'
import type { Database } from '../db/database.ts'

/** What `/readyz` says: whether calls can be answered, and which parts are away although they can. */
export interface Readiness {
  isReady: boolean
  reason?: string
  degraded: string[]
}

/** Asks the database for an answer, and whether it can write. Without Redis the node serves, but degraded. */
export async function readReadiness(database: Database, redis: RedisLink | undefined, log: Logger): Promise<Readiness> {
  try {
    await database.open()
    if (!(await database.hasRoom())) return notReady('the database has no room to write')
    return { isReady: true, degraded: redis?.isDown ? ['redis'] : [] }
  } catch (error) {
    log.warn({ err: error }, 'not ready')
    return notReady('the database does not answer')
  }
}

const notReady = (reason: string): Readiness => ({ isReady: false, reason, degraded: [] })
