import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { isCount } from '../lib/checks.ts'
import { readRows } from './checked-rows.ts'
import type { Database } from './database.ts'

/** The purposes of keys. Each has its own keys, so that a signature for one purpose is invalid for another. */
export const KEY_PURPOSES = ['cursor'] as const
export type KeyPurpose = (typeof KEY_PURPOSES)[number]

interface Key {
  /** Identifies the key in a signature without revealing anything about it. */
  id: string
  bytes: Buffer
}

/** How long a node may sign with a key that is no longer the newest: the interval at which the poll reads the keys. */
const READ_MS = 10_000
/** A key signs for at least this long and verifies for as long again: a node that polls is never two keys behind. */
export const SHORTEST_LIFE_SECONDS = 60
/** All signatures with unknown keys that arrive within this time share one database read. */
const LOOK_MS = 250

const ID_LENGTH = 6
/** 128 bits. */
const MAC_LENGTH = 22
const SIGNATURE = new RegExp(`^[\\w-]{${ID_LENGTH + MAC_LENGTH}}$`)

/**
 * The installation's own keys, shared by all its nodes. They are created on first use in the table `secrets` and never leave the
 * server. For each purpose the newest key signs and the two newest verify. A node learns of a rotation from its poll, or from a
 * signature with an unknown key.
 */
export class InstallationKeys {
  readonly #database: Database
  /** Newest first. */
  readonly #keys = new Map<KeyPurpose, Key[]>()
  #lastReadAt = -Infinity
  #looking: Promise<void> | undefined

  constructor(database: Database) {
    this.#database = database
  }

  /** Reads the keys and creates missing ones. Nodes that do so at the same time end up with the same keys. Idempotent. */
  async load(): Promise<void> {
    const startedAt = performance.now()
    for (const purpose of KEY_PURPOSES) {
      const found = await this.#read(purpose)
      this.#keys.set(purpose, found.length > 0 ? found : await this.#make(purpose))
    }
    this.#lastReadAt = startedAt
  }

  /** Reads the keys again at intervals. */
  async reconcile(): Promise<void> {
    if (performance.now() - this.#lastReadAt >= READ_MS) await this.load()
  }

  /** 28 characters of base64url. Requires `load`. */
  sign(purpose: KeyPurpose, text: string): string {
    const [newest] = this.#keys.get(purpose) ?? []
    if (!newest) throw new Error(`Unable to sign; the keys for ${purpose} are not loaded`)
    return signatureOf(newest, text)
  }

  /** Whether one of the purpose's two newest keys made this signature for this text. */
  async verify(purpose: KeyPurpose, text: string, signature: string): Promise<boolean> {
    if (!SIGNATURE.test(signature)) return false
    const id = signature.slice(0, ID_LENGTH)
    const isOfKey = (key: Key) => key.id === id
    let key = this.#keys.get(purpose)?.find(isOfKey)
    if (!key) {
      await this.#lookAgain()
      key = this.#keys.get(purpose)?.find(isOfKey)
    }
    return key !== undefined && timingSafeEqual(Buffer.from(signatureOf(key, text)), Buffer.from(signature))
  }

  /**
   * Creates a new key for the purpose. The previous one verifies until the next rotation; older ones are deleted. Other nodes
   * sign with the new key within ten seconds. False if the newest key is younger than a minute, because nodes may still sign with
   * the previous one.
   */
  async rotate(purpose: KeyPurpose): Promise<boolean> {
    const isRotated = await this.#database.db.transaction().execute(async (tx) => {
      const [made] = await readRows(tx, {
        row: { generation: isCount },
        sql: sql`
        insert into secrets (purpose, generation)
        select ${purpose}, coalesce(max(generation), 0) + 1 from secrets where purpose = ${purpose}
        having coalesce(max(created_at) < clock_timestamp() - make_interval(secs => ${SHORTEST_LIFE_SECONDS}), true)
        on conflict do nothing returning generation`,
      })
      const newest = made?.generation
      if (newest === undefined) return false
      await tx
        .deleteFrom('secrets')
        .where('purpose', '=', purpose)
        .where('generation', '<', newest - 1)
        .execute()
      return true
    })
    if (isRotated) await this.load()
    return isRotated
  }

  async #read(purpose: KeyPurpose): Promise<Key[]> {
    const rows = await this.#database.db
      .selectFrom('secrets')
      .select('key')
      .where('purpose', '=', purpose)
      .orderBy('generation', 'desc')
      .limit(2)
      .execute()
    return rows.map(({ key: bytes }) => ({ id: hash('sha256', bytes, 'base64url').slice(0, ID_LENGTH), bytes }))
  }

  async #make(purpose: KeyPurpose): Promise<Key[]> {
    await this.#database.db
      .insertInto('secrets')
      .values({ purpose, generation: 1 })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return this.#read(purpose)
  }

  /** All requests made before a read begins share it, so its answer is never older than a request. */
  #lookAgain(): Promise<void> {
    this.#looking ??= sleep(LOOK_MS, undefined, { ref: false }).then(() => {
      this.#looking = undefined
      return this.load()
    })
    return this.#looking
  }
}

const signatureOf = ({ id, bytes }: Key, text: string): string =>
  id + createHmac('sha256', bytes).update(text).digest('base64url').slice(0, MAC_LENGTH)
