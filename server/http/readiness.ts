import type { Logger } from 'pino'
import type { RedisLink } from '../bus/redis-link.ts'
import type { Database } from '../db/database.ts'

/** The response of `/readyz`: whether calls can be answered, and which parts are nevertheless away. */
export interface Readiness {
  isReady: boolean
  reason?: string
  degraded: string[]
}

/** Checks that the database answers and can write. Without Redis the node still serves, but degraded. */
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
