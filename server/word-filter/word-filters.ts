import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { FilterWord } from '../../shared/word-filter.ts'
import { type Bus, FILTER_CHANNEL } from '../bus/bus.ts'
import type { Database } from '../db/database.ts'
import { ChatError } from '../errors/chat-error.ts'
import { BoundedCache } from '../lib/bounded-cache.ts'
import { type RoomKey, roomKey } from '../lib/keys.ts'
import type { LoopShare } from '../lib/loop-share.ts'
import { applyMatchers, compileFilter, type WordMatcher } from './word-matcher.ts'

/*
 * The compiled filters of rooms and tenants, cached. Each tenant has one version, which every change of its filters increments in
 * the same transaction. A room's cached filter is valid while the tenant has the version at which it was read. The bus announces
 * a change at once; the poll finds changes that the bus lost by their version.
 */

interface KeptFilter {
  /** The tenant's version when this was read. */
  version: number
  /** Undefined without words, as in most rooms. */
  matcher: WordMatcher | undefined
}

/** A text to be written in a room. */
interface RoomText extends RoomKey {
  content: string
}

/** The result of applying the filters to a text. */
export interface FilterResult {
  /** The text to store, with masked words as asterisks. */
  content: string
  /** Whether moderators get a report. */
  isFlagged: boolean
  /** The reason not to store it, from the filters or the writer's rights. */
  refusal: ChatError | undefined
}

const MAX_ROOMS = 20_000
const MAX_TENANTS = 5_000
const MAX_WORDS = 200_000
const SLICE = 500

const weigh = ({ matcher }: KeptFilter) => matcher?.size ?? 0
const NONE: readonly WordMatcher[] = []

export class WordFilters {
  readonly #database: Database
  readonly #bus: Bus
  readonly #log: Logger
  readonly #loopShare: LoopShare
  readonly #tenants = new BoundedCache<KeptFilter>({ entries: MAX_TENANTS, weight: MAX_WORDS }, weigh)
  readonly #rooms = new BoundedCache<KeptFilter>({ entries: MAX_ROOMS, weight: MAX_WORDS }, weigh)
  /** Reads in progress, one per room. A call after a change starts another one. */
  readonly #reading = new Map<string, Promise<readonly WordMatcher[]>>()
  #changes = 0
  #isListening = false

  constructor(database: Database, bus: Bus, log: Logger, loopShare: LoopShare) {
    this.#database = database
    this.#bus = bus
    this.#log = log
    this.#loopShare = loopShare
  }

  /**
   * Applies the filters of the room and its tenant to a text. If there are any, `writeRefusal` first reads the writer's rights:
   * no filter is applied to text of a user who may not write, and the refusal reveals nothing about the filters. Without filters
   * nothing is read.
   */
  async applyFilters(
    { tenantId, roomId, content }: RoomText,
    writeRefusal: () => Promise<ChatError | undefined>,
  ): Promise<FilterResult> {
    const matchers = this.#known(tenantId, roomId) ?? (await this.#read(tenantId, roomId))
    if (matchers.length === 0) return { content, isFlagged: false, refusal: undefined }
    const refusal = await writeRefusal()
    if (refusal) return { content, isFlagged: false, refusal }
    const { isRefused, ...filtered } = await this.#loopShare.run(applyMatchers(content, matchers))
    return { ...filtered, refusal: isRefused ? new ChatError('CONTENT_REFUSED') : undefined }
  }

  /** Reads the versions of the cached tenants, in slices, and drops those that changed. */
  async reconcile(signal: AbortSignal): Promise<void> {
    const tenantIds = this.#tenants.keys()
    for (let from = 0; from < tenantIds.length && !signal.aborted; from += SLICE) {
      const slice = tenantIds.slice(from, from + SLICE)
      const rows = await this.#database.db
        .selectFrom('word_filters')
        .select(['tenant_id', 'version'])
        .where('tenant_id', 'in', slice)
        .where('room_id', 'is', null)
        .execute()
      const versions = new Map(rows.map((row) => [row.tenant_id, row.version]))
      for (const tenantId of slice) {
        const known = this.#tenants.get(tenantId)
        if (known && known.version !== (versions.get(tenantId) ?? 0)) this.#forget(tenantId)
      }
    }
  }

  #known(tenantId: string, roomId: string): readonly WordMatcher[] | undefined {
    const tenant = this.#tenants.get(tenantId)
    // The tenant has never had a filter, so no room needs a read.
    if (tenant?.version === 0) return NONE
    const room = this.#rooms.get(roomKey({ tenantId, roomId }))
    return tenant && room?.version === tenant.version ? matchersOf(tenant, room) : undefined
  }

  #read(tenantId: string, roomId: string): Promise<readonly WordMatcher[]> {
    this.#listen()
    const key = roomKey({ tenantId, roomId })
    const underWay = this.#reading.get(key)
    if (underWay) return underWay
    const reading = this.#load(tenantId, roomId).finally(() => {
      if (this.#reading.get(key) === reading) this.#reading.delete(key)
    })
    this.#reading.set(key, reading)
    return reading
  }

  async #load(tenantId: string, roomId: string): Promise<readonly WordMatcher[]> {
    const changesBefore = this.#changes
    const known = this.#tenants.get(tenantId)
    // Does not fetch the tenant's words again if they are known.
    const rows = await this.#database.db
      .selectFrom('word_filters')
      .select(['room_id', 'version'])
      .select(
        sql<FilterWord[] | null>`case when room_id is not null or version <> ${known?.version ?? -1} then words end`.as(
          'words',
        ),
      )
      .where('tenant_id', '=', tenantId)
      .where((eb) => eb.or([eb('room_id', 'is', null), eb('room_id', '=', roomId)]))
      .execute()
    const ofTenant = rows.find((row) => row.room_id === null)
    const version = ofTenant?.version ?? 0
    const tenant = known?.version === version ? known : { version, matcher: await this.#compile(ofTenant?.words) }
    const room = { version, matcher: await this.#compile(rows.find((row) => row.room_id !== null)?.words) }
    if (changesBefore === this.#changes && (this.#tenants.get(tenantId)?.version ?? 0) <= version) {
      this.#tenants.set(tenantId, tenant)
      this.#rooms.set(roomKey({ tenantId, roomId }), room)
    }
    return matchersOf(tenant, room)
  }

  async #compile(words: FilterWord[] | null | undefined): Promise<WordMatcher | undefined> {
    return words && words.length > 0 ? this.#loopShare.run(compileFilter(words)) : undefined
  }

  /** Nothing waits for this: messages don't depend on the bus, and the poll finds changes that it lost. */
  #listen(): void {
    if (this.#isListening) return
    this.#isListening = true
    const listener = (message: { type: string; tenantId?: string }) => {
      if (message.type === 'wordFilter.changed' && message.tenantId !== undefined) this.#forget(message.tenantId)
    }
    this.#bus.subscribe(FILTER_CHANNEL, listener).catch((error: unknown) => {
      this.#isListening = false
      this.#log.warn({ err: error }, 'unable to subscribe to filter changes; the poll finds them')
    })
  }

  #forget(tenantId: string): void {
    this.#changes++
    this.#reading.clear()
    this.#tenants.delete(tenantId)
  }
}

function matchersOf(tenant: KeptFilter, room: KeptFilter): readonly WordMatcher[] {
  if (!tenant.matcher && !room.matcher) return NONE
  return [tenant.matcher, room.matcher].filter((matcher) => matcher !== undefined)
}
