import { isDeepStrictEqual } from 'node:util'
import type { RoomEvent } from '../../shared/index.ts'
import type { GuestJournal, Journal, StoredMessage, StoredRoom } from './journal.ts'
import { checkLog } from './log-checker.ts'

/**
 * Holds what the clients of one room were told against what the database has and against each other. Every problem is a sentence; none
 * is what was promised:
 *
 * 1. an acknowledged message is there, once, as it was acknowledged, however often it was asked for;
 * 2. a `clientId` has one row;
 * 3. the room's log has no gap and no place twice, and nobody is in it who was out of the room by then (`log-checker.ts`);
 * 4. every subscriber has seen every message, once, in that order, without a hole and without a `reset`, and all have seen the same;
 * 5. what it has folded is what a new snapshot gives;
 * 6. nothing comes from another tenant.
 */
export function checkJournals(journals: Journal[], room: StoredRoom, guests: GuestJournal[] = []): string[] {
  return [
    ...journals.flatMap((journal) => [
      ...checkIntervals(journal),
      ...checkSeen(journal, room),
      ...checkState(journal, room),
      ...checkTenant(journal),
    ]),
    ...[...journals, ...guests].flatMap((journal) => checkSends(journal, room)),
    ...[...journals, ...guests].flatMap(({ user, surprises }) => surprises.map((surprise) => `${user} ${surprise}`)),
    ...checkSame(journals),
    ...checkRows(room.messages),
    ...checkLog(room),
  ]
}

function checkSends({ user, sends }: GuestJournal, room: StoredRoom): string[] {
  const byId = new Map(room.messages.map((message) => [message.id, message]))
  return sends.flatMap(({ acknowledged: answers, content, clientId }) => {
    if (new Set(answers.map(({ id }) => id)).size > 1) return [`${user}'s message "${content}" was acknowledged as two`]
    const [acknowledged] = answers
    if (!acknowledged) return []
    const stored = byId.get(acknowledged.id)
    if (!stored) return [`${user}'s acknowledged message "${content}" is lost`]
    const isSame = stored.seq === acknowledged.seq && stored.clientId === clientId && stored.senderId === user
    if (!isSame) return [`${user}'s acknowledged message "${content}" is another one in the database`]
    if (stored.changedSeq !== stored.seq) return []
    if (acknowledged.content !== content) return [`${user}'s message "${content}" was acknowledged as another`]
    if (stored.content !== content) return [`${user}'s message "${content}" says "${stored.content}" in the database`]
    return []
  })
}

function checkRows(messages: StoredMessage[]): string[] {
  const repeated = (what: string, keyOf: (message: StoredMessage) => string) =>
    [...Map.groupBy(messages, keyOf)]
      .filter(([, same]) => same.length > 1)
      .map(([key]) => `${what} ${key} has two rows`)
  const ordinals = messages.flatMap(({ ordinal }) => ordinal ?? []).sort((a, b) => a - b)
  return [
    ...repeated('clientId', ({ senderId, clientId }) => `${senderId}/${clientId}`),
    ...repeated('seq', ({ seq }) => `${seq}`),
    ...ordinals
      .flatMap((ordinal, index) => (ordinal === index + 1 ? [] : [`ordinal ${index + 1} is ${ordinal}`]))
      .slice(0, 1),
  ]
}

/** Each event follows from the one before it; a `ready` begins each connection where the last one ended. */
function checkIntervals({ user, events, startedAt }: Journal): string[] {
  const problems: string[] = []
  let at = startedAt
  for (const event of events) {
    if (event.type === 'reset') problems.push(`${user} was reset at ${event.seq}: ${event.reason}`)
    else if (event.type === 'ready' && event.prev === event.seq && event.seq !== at) {
      problems.push(`${user} stood at ${at} and went on from ${event.seq}`)
    } else if (event.type !== 'ready' && !(event.prev <= at && at < event.seq)) {
      problems.push(`${user} stood at ${at} and was sent (${event.prev}, ${event.seq}]`)
    }
    at = event.seq
  }
  return problems
}

const messageOf = (event: RoomEvent) => ('message' in event ? [event.message] : [])

function checkSeen({ user, events, startedAt }: Journal, room: StoredRoom): string[] {
  const created = events.flatMap((event) => (event.type === 'message.created' ? [event.message] : []))
  const touched = new Set(events.flatMap((event) => messageOf(event).map(({ id }) => id)))
  const counts = Map.groupBy(created, ({ id }) => id)
  const problems: string[] = []
  for (const [, same] of counts) {
    if (same.length > 1) problems.push(`${user} saw "${same[0]?.content}" created ${same.length} times`)
  }
  for (const { id, seq, content } of room.messages) {
    if (seq > startedAt && !touched.has(id)) problems.push(`${user} never saw "${content}" (${seq})`)
  }
  // What was edited since may be caught up on at its later place; the rest has one place.
  const untouched = new Set(room.messages.filter(({ seq, changedSeq }) => seq === changedSeq).map(({ id }) => id))
  const order = created.filter(({ id }) => untouched.has(id)).map(({ seq }) => seq)
  const isInOrder = order.every((seq, index) => index === 0 || seq > (order[index - 1] ?? 0))
  if (!isInOrder) problems.push(`${user} saw messages out of order`)
  return problems
}

function checkState({ user, state, fresh }: Journal, room: StoredRoom): string[] {
  const problems: string[] = []
  const isSame = (what: string, mine: unknown, theirs: unknown) => {
    if (!isDeepStrictEqual(mine, theirs)) problems.push(`${user} has ${what} than a snapshot`)
  }
  if (fresh.room.lastSeq !== room.lastSeq) {
    problems.push(`${user}'s snapshot ends at ${fresh.room.lastSeq}, not ${room.lastSeq}`)
  }
  isSame('another room', state.room, fresh.room)
  isSame('other members', state.members, fresh.members)
  isSame('other messages', state.messages.slice(-fresh.messages.length), fresh.messages)
  const folded = state.messages.map(({ id }) => id)
  const all = room.messages.filter(({ seq }) => seq >= state.messagesFromSeq).map(({ id }) => id)
  if (!isDeepStrictEqual(folded, all)) problems.push(`${user} has not folded every message`)
  return problems
}

/** Users, rooms and their names are the same in all tenants; display names and contents begin with the tenant's. */
function checkTenant({ user, tenant, roomId, events, state }: Journal): string[] {
  const messages = [...events.flatMap(messageOf), ...state.messages]
  const members = [...events.flatMap((event) => ('member' in event ? [event.member] : [])), ...state.members]
  const foreign = [
    ...messages.filter((message) => message.roomId !== roomId || !message.sender.name?.startsWith(`${tenant} `)),
    ...messages.filter(({ content }) => content !== '' && !content.startsWith(`${tenant}/`)),
    ...members.filter((member) => member.roomId !== roomId || !member.user.name?.startsWith(`${tenant} `)),
  ]
  return foreign.map((row) => `${user} of ${tenant} was shown ${JSON.stringify(row)}`)
}

/** Whoever was sent an event of a place of the log was sent the same row. */
function checkSame(journals: Journal[]): string[] {
  const rows = new Map<number, string>()
  const problems: string[] = []
  for (const { user, events } of journals) {
    for (const event of events) {
      const row =
        'message' in event ? `message ${event.message.id}` : 'member' in event ? `member ${event.member.userId}` : ''
      if (row === '') continue
      const known = rows.get(event.seq) ?? row
      rows.set(event.seq, known)
      if (known !== row) problems.push(`${user} was sent ${row} as ${event.seq}, others ${known}`)
    }
  }
  return problems
}
