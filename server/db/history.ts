import { hash } from 'node:crypto'
import type { ClientBase, Pool } from 'pg'
import { isText, orNull } from '../lib/checks.ts'
import { checkRows } from './checked-rows.ts'

/** DATABASE_URL leads to a replica. It may be promoted: the database counts as away until then (SQLSTATE cannot_connect_now). */
export class StandbyError extends Error {
  override readonly name = 'StandbyError'
  readonly code = '57P03'

  constructor() {
    super('Unable to use this Postgres; it is a standby, which takes no writes')
  }
}

/** Begun again when it is full. */
const MAX_EPOCHS = 20_000

/**
 * One history of everything that the database holds, and with it the epoch of each room's log. It is named by
 *
 *   - the system identifier of the cluster, which a dump leaves behind,
 *   - the timeline, which a promotion and a point-in-time recovery change,
 *   - the oid of the database, which is another one for a dump that is restored beside the original,
 *   - the installation's salt, for what changes none of these.
 *
 * Every connection reads it before it serves anything, and the reconcile poll reads it again, for the salt of an installation that runs.
 */
export class History {
  readonly #onChange: () => void
  #name: string | undefined
  readonly #epochs = new Map<string, string>()

  /** `onChange` is called when a known history becomes another one. */
  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** @throws StandbyError */
  async read(source: ClientBase | Pool): Promise<void> {
    const { rows } = await source.query(HISTORY)
    const name = checkRows({ history: orNull(isText) }, rows)[0]?.history ?? undefined
    if (name === undefined) throw new StandbyError()
    if (name === this.#name) return
    const isAnother = this.#name !== undefined
    this.#name = name
    this.#epochs.clear()
    if (isAnother) this.#onChange()
  }

  /** 12 hex digits, by the seed of the room. */
  epochOf(seed: string): string {
    if (this.#name === undefined) throw new Error('The database is not open')
    const known = this.#epochs.get(seed)
    if (known !== undefined) return known
    const epoch = hash('sha256', `${seed}/${this.#name}`, 'hex').slice(0, 12)
    if (this.#epochs.size >= MAX_EPOCHS) this.#epochs.clear()
    this.#epochs.set(seed, epoch)
    return epoch
  }
}

/**
 * The timeline is that of the WAL that is written now: after a promotion `pg_control_checkpoint()` names the old one until the next
 * checkpoint. A standby writes no WAL, and has no name here.
 */
const HISTORY = `
  select case when not pg_is_in_recovery() then concat_ws('/',
    (select system_identifier from pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8),
    (select oid from pg_database where datname = current_database()),
    (select epoch_salt from installation)
  ) end as history`
