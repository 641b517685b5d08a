import { hash } from 'node:crypto'
import type { ClientBase, Pool } from 'pg'
import { isText, orNull } from '../lib/checks.ts'
import { checkRows } from './checked-rows.ts'

/** DATABASE_URL points to a replica. It may be promoted: until then the database counts as away (SQLSTATE cannot_connect_now). */
export class StandbyError extends Error {
  override readonly name = 'StandbyError'
  readonly code = '57P03'

  constructor() {
    super('Unable to use this Postgres; it is a standby, which takes no writes')
  }
}

/** Bound on cached epochs; a full cache is cleared. */
const MAX_EPOCHS = 20_000

/**
 * Identifies the history of the whole database, from which the epoch of each room's log is derived. The history is named by
 *
 *   - the system identifier of the cluster, which a dump does not carry,
 *   - the timeline, which a promotion and a point-in-time recovery change,
 *   - the oid of the database, which differs for a dump that is restored beside the original,
 *   - the installation's salt, for cases that change none of these.
 *
 * Every connection reads it before it serves anything. The reconcile poll reads it again, to notice a new salt while the server
 * runs.
 */
export class History {
  readonly #onChange: () => void
  #name: string | undefined
  readonly #epochs = new Map<string, string>()

  /** `onChange` is called when the known history changes to another one. */
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

  /** 12 hex digits, derived from the room's seed. */
  epochOf(seed: string): string {
    if (this.#name === undefined) throw new Error('Unable to name an epoch; the database is not open')
    const known = this.#epochs.get(seed)
    if (known !== undefined) return known
    const epoch = hash('sha256', `${seed}/${this.#name}`, 'hex').slice(0, 12)
    if (this.#epochs.size >= MAX_EPOCHS) this.#epochs.clear()
    this.#epochs.set(seed, epoch)
    return epoch
  }
}

/**
 * The timeline is that of the WAL being written: after a promotion `pg_control_checkpoint()` returns the old one until the next
 * checkpoint. A standby writes no WAL and has no name here.
 */
const HISTORY = `
  select case when not pg_is_in_recovery() then concat_ws('/',
    (select system_identifier from pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8),
    (select oid from pg_database where datname = current_database()),
    (select epoch_salt from installation)
  ) end as history`
