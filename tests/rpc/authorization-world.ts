import { sql } from 'kysely'
import type { Db } from '../../server/db/schema.ts'
import type { Message } from '../../shared/message.ts'
import { newId, signToken, type TestApp } from '../support/test-app.ts'

/*
 * One tenant with people and rooms in it, built once through the API and copied for whoever is going to change it. Ids are the same
 * in every copy, since every key starts with the tenant: only the tenant's name tells worlds apart.
 *
 *   group    private; everybody of the cast but the stranger; `removed` was in it
 *   channel  public; `removed` has left it, the stranger never was there
 *   second   a group of the owner's with somebody else; third: a group of people who are in no other
 */

/** What a call can name. All but `roomId` and `ownerId` are of another room for a caller who shows foreign ids. */
export interface Ids {
  roomId: string
  ownerId: string
  /** A plain member. */
  userId: string
  /** The caller's own, or the owner's where the caller wrote none. */
  ownMessageId: string
  /** The plain member's. */
  otherMessageId: string
  deletedMessageId: string
  /** A private room that no caller is in. */
  elsewhereId: string
  /** What the caller has scheduled in the room, or the owner where the caller has nothing. */
  ownScheduleId: string
  /** What the plain member has scheduled. */
  otherScheduleId: string
  /** An open one, of the plain member's message. */
  reportId: string
  position: string
  inviteId: string
  inviteCode: string
  ownToken: string
  /** Of a user who is no caller. */
  otherToken: string
  /** Of another tenant's user with the caller's id. */
  namesakeToken: string
}

interface Place {
  roomId: string
  ownerId: string
  userId: string
  messageIds: Record<string, string>
  scheduleIds: Record<string, string>
  deletedMessageId: string
  reportId: string
  position: string
  invite: { id: string; code: string }
}

type PlaceName = 'group' | 'channel' | 'second' | 'third'

export interface World {
  tenant: string
  places: Record<PlaceName, Place>
}

/** Somebody who calls in process. */
interface Caller {
  userId: string
  role?: 'service'
  place: PlaceName
  /** Where the ids of messages and users come from, if not from `place`. */
  idsOf?: PlaceName
  isOfAnotherTenant?: boolean
  /** What no answer to this caller may hold. */
  mustNotSee?: string[]
}

export const GROUP_SECRET = 'said in the group'
export const TENANT_SECRET = 'known in the tenant'

export const CALLERS = {
  owner: { userId: 'owner', place: 'group' },
  admin: { userId: 'admin', place: 'group' },
  moderator: { userId: 'moderator', place: 'group' },
  member: { userId: 'member', place: 'group' },
  muted: { userId: 'muted', place: 'group' },
  /** Was in the private group. */
  removed: { userId: 'removed', place: 'group', mustNotSee: [GROUP_SECRET] },
  /** Was in the public channel. */
  departed: { userId: 'removed', place: 'channel', mustNotSee: [GROUP_SECRET] },
  stranger: { userId: 'stranger', place: 'group', mustNotSee: [GROUP_SECRET] },
  /** The stranger, before the public channel. */
  passerBy: { userId: 'stranger', place: 'channel', mustNotSee: [GROUP_SECRET] },
  service: { userId: 'host', role: 'service', place: 'group' },
  /** The owner's namesake in another tenant. */
  otherTenant: {
    userId: 'owner',
    place: 'group',
    isOfAnotherTenant: true,
    mustNotSee: [GROUP_SECRET, TENANT_SECRET],
  },
  otherService: {
    userId: 'host',
    role: 'service',
    place: 'group',
    isOfAnotherTenant: true,
    mustNotSee: [GROUP_SECRET, TENANT_SECRET],
  },
  /** The group's owner, with ids of another room of the same owner. */
  foreignIds: { userId: 'owner', place: 'group', idsOf: 'second' },
  /** The group's owner, with ids of a room that the owner is not in. */
  strangersIds: { userId: 'owner', place: 'group', idsOf: 'third' },
  /** The service may enter every room: only the ids are wrong. */
  serviceForeignIds: { userId: 'host', role: 'service', place: 'group', idsOf: 'third' },
} as const satisfies Record<string, Caller>

export type CallerName = keyof typeof CALLERS

const TEMPLATE = 'template'
const CAST = ['owner', 'admin', 'moderator', 'member', 'muted', 'removed', 'target', 'companion', 'hermit', 'recluse']
const DAY_MS = 86_400_000
const NOT_IN_ROOMS = ['stranger', 'newcomer', 'host']

/** The world that the others are copies of. */
export async function buildWorld(server: TestApp): Promise<World> {
  await createFunctions(server.app.services.database.db)
  const as = (userId: string) => server.caller(userId, { tenant: TEMPLATE })
  const host = server.caller('host', { tenant: TEMPLATE, role: 'service' })
  await Promise.all([...CAST, ...NOT_IN_ROOMS].map((id) => host.user.upsert({ id, name: `${id}, ${TENANT_SECRET}` })))
  await server.app.services.profiles.settled()

  async function furnish(kind: 'group' | 'channel', userIds: [owner: string, target: string, ...others: string[]]) {
    const [ownerId, userId] = userIds
    const content = kind === 'group' ? GROUP_SECRET : 'said in public'
    const { id: roomId } = await as(ownerId).room.create({ kind, name: content, memberIds: userIds.slice(1) })
    const send = (id: string): Promise<Message> => as(id).message.send({ roomId, clientId: newId(), content })
    const deleted = await send(userId)
    await as(userId).message.delete({ roomId, messageId: deleted.id })
    const messageIds: Record<string, string> = {}
    for (const id of userIds) messageIds[id] = (await send(id)).id
    // The target acts on the owner's message, and is no caller: nobody's view of another message differs.
    const byOwner = { roomId, messageId: messageIds[ownerId] ?? '' }
    await as(userId).reaction.add({ ...byOwner, emoji: '👍' })
    await as(userId).message.hide(byOwner)
    const scheduleIds: Record<string, string> = {}
    for (const id of userIds) {
      const own = { roomId, content: 'own words for later' }
      const sendAt = new Date(Date.now() + DAY_MS)
      scheduleIds[id] = (await as(id).schedule.create({ ...own, clientId: newId(), sendAt })).id
      await as(id).draft.set(own)
    }
    const reported = { roomId, messageId: messageIds[userId] ?? '', reason: 'spam' as const }
    const { id: reportId } = await as(ownerId).report.create(reported)
    const { position } = await as(ownerId).room.snapshot({ roomId })
    const invite = await as(ownerId).invite.create({ roomId })
    return {
      roomId,
      ownerId,
      userId,
      messageIds,
      scheduleIds,
      deletedMessageId: deleted.id,
      reportId,
      position,
      invite,
    }
  }

  const [group, channel, second, third] = await Promise.all([
    furnish('group', ['owner', 'target', 'admin', 'moderator', 'member', 'muted', 'removed']),
    furnish('channel', ['hermit', 'companion', 'removed']),
    furnish('group', ['owner', 'companion']),
    furnish('group', ['hermit', 'recluse']),
  ])
  const { roomId } = group
  await as('owner').member.setRole({ roomId, userId: 'admin', role: 'admin' })
  await as('owner').member.setRole({ roomId, userId: 'moderator', role: 'moderator' })
  await as('owner').member.mute({ roomId, userId: 'muted' })
  await as('owner').member.remove({ roomId, userId: 'removed' })
  await as('removed').room.leave({ roomId: channel.roomId })
  await as('owner').auth.revokeAll()
  return { tenant: TEMPLATE, places: { group, channel, second, third } }
}

/** The tables of a tenant, those that others refer to first. */
export const TENANT_TABLES = [
  'users',
  'rooms',
  'members',
  'messages',
  'message_versions',
  'message_reactions',
  'hidden_messages',
  'invites',
  'preferences',
  'drafts',
  'scheduled_messages',
  'user_blocks',
  'reports',
  'word_filters',
  'audit_log',
  'thread_follows',
  'mentions',
] as const

/** Written in the background from the others, at a time of their own. */
export const DERIVED_TABLES = ['message_search', 'search_progress'] as const

let copies = 0

/** A world of one's own to change. */
export async function copyWorld(db: Db, { tenant, places }: World): Promise<World> {
  const copy = `${tenant}-${++copies}`
  await sql`select copy_world(${tenant}, ${copy})`.execute(db)
  return { tenant: copy, places }
}

/** Every row of the tenant, but for the tenant's name, as JSON, table by table: equal for equal worlds. */
export async function rowsOf(db: Db, tenant: string): Promise<string[]> {
  const { rows } = await sql<{ rows: string }>`select rows from rows_of_world(${tenant}) as rows`.execute(db)
  return rows.map((row) => row.rows)
}

/** Both are asked for hundreds of times over seventeen tables: as functions they are planned once a connection. */
async function createFunctions(db: Db): Promise<void> {
  const copied = TENANT_TABLES.map(
    (table) => sql`
      insert into ${sql.table(table)} select copied.*
      from ${sql.table(table)} as original,
        jsonb_populate_record(original, jsonb_build_object('tenant_id', copy)) as copied
      where original.tenant_id = tenant;`,
  )
  const read = TENANT_TABLES.map(
    (table) => sql`
      select concat(${sql.lit(table)}, ' ', jsonb_agg(to_jsonb(each) - 'tenant_id' order by to_jsonb(each)))
      from ${sql.table(table)} as each where tenant_id = tenant`,
  )
  await sql`
    create function copy_world(tenant text, copy text) returns void language plpgsql as $$
      begin ${sql.join(copied, sql` `)} end $$`.execute(db)
  await sql`
    create function rows_of_world(tenant text) returns setof text language plpgsql as $$
      begin return query ${sql.join(read, sql` union all `)}; end $$`.execute(db)
}

export interface CallerInWorld {
  userId: string
  tenant: string
  role: 'user' | 'service'
  ids: Ids
  mustNotSee: string[]
}

/** A caller, and the ids that this caller names. */
export async function callerIn({ tenant, places }: World, name: CallerName): Promise<CallerInWorld> {
  const caller: Caller = CALLERS[name]
  const { userId } = caller
  const ownTenant = caller.isOfAnotherTenant ? `${tenant}-elsewhere` : tenant
  const { roomId, ownerId } = places[caller.place]
  const named = places[caller.idsOf ?? caller.place]
  const { messageIds, scheduleIds } = named
  const messageId = (id: string) => messageIds[id] ?? messageIds[named.ownerId] ?? ''
  const ids = {
    roomId,
    ownerId,
    userId: named.userId,
    ownMessageId: messageId(userId),
    otherMessageId: messageId(named.userId),
    deletedMessageId: named.deletedMessageId,
    elsewhereId: places.third.roomId,
    ownScheduleId: scheduleIds[userId] ?? scheduleIds[named.ownerId] ?? '',
    otherScheduleId: scheduleIds[named.userId] ?? '',
    reportId: named.reportId,
    position: named.position,
    inviteId: named.invite.id,
    inviteCode: named.invite.code,
    ownToken: await signToken(userId, { tenant: ownTenant, role: caller.role ?? 'user' }),
    otherToken: await signToken('companion', { tenant: ownTenant }),
    namesakeToken: await signToken(userId, { tenant: caller.isOfAnotherTenant ? tenant : 'default' }),
  }
  return { userId, tenant: ownTenant, role: caller.role ?? 'user', ids, mustNotSee: caller.mustNotSee ?? [] }
}
