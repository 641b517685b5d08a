import type { Fault } from './fault.ts'
import { breakClientLinks } from './kinds/break-client-links.ts'
import { breakPostgresLink } from './kinds/break-postgres-link.ts'
import { breakRedisLink } from './kinds/break-redis-link.ts'
import { cutAfterCommit } from './kinds/cut-after-commit.ts'
import { fillDisk } from './kinds/fill-disk.ts'
import { freezePostgres } from './kinds/freeze-postgres.ts'
import { freezeRedis } from './kinds/freeze-redis.ts'
import { freezeWorkers } from './kinds/freeze-workers.ts'
import { jumpClocks } from './kinds/jump-clocks.ts'
import { killPostgres } from './kinds/kill-postgres.ts'
import { killRedis } from './kinds/kill-redis.ts'
import { killWorkers } from './kinds/kill-workers.ts'
import { redisOff } from './kinds/redis-off.ts'
import { slowPostgresLink } from './kinds/slow-postgres-link.ts'

/** Everything that can go wrong here, by the name that `npm run torture -- --faults` takes. */
export const FAULT_KINDS: Readonly<Record<string, Fault>> = {
  'kill-workers': killWorkers,
  'freeze-workers': freezeWorkers,
  'kill-redis': killRedis,
  'freeze-redis': freezeRedis,
  'redis-off': redisOff,
  'break-redis-link': breakRedisLink,
  'break-postgres-link': breakPostgresLink,
  'slow-postgres-link': slowPostgresLink,
  'break-client-links': breakClientLinks,
  'cut-after-commit': cutAfterCommit,
  'kill-postgres': killPostgres,
  'freeze-postgres': freezePostgres,
  'fill-disk': fillDisk,
  'jump-clocks': jumpClocks,
}
