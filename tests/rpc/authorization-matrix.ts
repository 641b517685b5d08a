import type { ChatErrorReason } from '../../shared/errors.ts'
import { MEMBER_ROLES, type MemberRole } from '../../shared/permissions.ts'
import { newId } from '../support/test-app.ts'
import type { CallerName, Ids } from './authorization-world.ts'

/** What a caller gets: an answer, or this refusal. */
export type Outcome = 'allowed' | ChatErrorReason

/** Callers over HTTP and SSE, who would be the group's owner if their tokens held. `bearer` is, and gets what the owner gets. */
export const BEARERS = ['anonymous', 'expired', 'revoked', 'bearer'] as const
export type BearerName = (typeof BEARERS)[number]

type AnyCaller = CallerName | BearerName

export interface MatrixCase {
  /** What is special about this use of the procedure. */
  title?: string
  input?: (ids: Ids) => unknown
  outcome: (caller: AnyCaller) => Outcome
}

type Exceptions = Partial<Record<CallerName, Outcome>> & {
  /** For all who name a message or a user of another room. */
  foreign?: Outcome
}

/** A row of the table: what is usual, and what is not. Whoever shows foreign ids gets what they get with the right ones. */
function row(usual: (caller: CallerName) => Outcome, { foreign, ...exceptions }: Exceptions): MatrixCase['outcome'] {
  const of = (caller: AnyCaller): Outcome => {
    switch (caller) {
      case 'anonymous':
        return 'UNAUTHENTICATED'
      case 'expired':
        return 'TOKEN_EXPIRED'
      case 'revoked':
        return 'TOKEN_REVOKED'
      case 'bearer':
        return of('owner')
      case 'foreignIds':
      case 'strangersIds':
        return exceptions[caller] ?? foreign ?? of('owner')
      case 'serviceForeignIds':
        return exceptions[caller] ?? foreign ?? of('service')
      default:
        return exceptions[caller] ?? usual(caller)
    }
  }
  return of
}

const everybody = (exceptions: Exceptions = {}) => row(() => 'allowed', exceptions)

const nobody = (reason: ChatErrorReason) => row(() => reason, {})

const serviceOnly = (exceptions: Exceptions = {}) =>
  row((name) => (name === 'service' || name === 'otherService' ? 'allowed' : 'FORBIDDEN'), exceptions)

/** Members of the room who have this role or a higher one. What one may not know of is not found. */
const least = (role: MemberRole, exceptions: Exceptions = {}) =>
  row((name) => {
    switch (name) {
      case 'owner':
      case 'admin':
      case 'moderator':
      case 'member':
        return MEMBER_ROLES.indexOf(name) <= MEMBER_ROLES.indexOf(role) ? 'allowed' : 'FORBIDDEN'
      case 'muted':
        return role === 'member' ? 'allowed' : 'FORBIDDEN'
      case 'passerBy':
      case 'departed':
        return 'NOT_A_MEMBER'
      case 'removed':
      case 'stranger':
      case 'otherTenant':
      case 'otherService':
        return 'NOT_FOUND'
      default:
        return 'allowed'
    }
  }, exceptions)

const members = (exceptions: Exceptions = {}) => least('member', exceptions)

/** What is done to the owner, whom nobody outranks. */
const onTheOwner = (service: Outcome) =>
  members({
    owner: 'FORBIDDEN',
    admin: 'FORBIDDEN',
    moderator: 'FORBIDDEN',
    member: 'FORBIDDEN',
    muted: 'FORBIDDEN',
    service,
  })

const ofRoom = ({ roomId }: Ids) => ({ roomId })
const onMember = ({ roomId, userId }: Ids) => ({ roomId, userId })
const onOwner = ({ roomId, ownerId }: Ids) => ({ roomId, userId: ownerId })
const own = ({ roomId, ownMessageId }: Ids) => ({ roomId, messageId: ownMessageId })
const another = ({ roomId, otherMessageId }: Ids) => ({ roomId, messageId: otherMessageId })
const deleted = ({ roomId, deletedMessageId }: Ids) => ({ roomId, messageId: deletedMessageId })
const content = 'changed'

/** Every procedure of the router, by its path: who may call it, with which ids, and what the others get. */
export const MATRIX: Record<string, MatrixCase[]> = {
  'auth.me': [{ outcome: everybody() }],
  'auth.refresh': [
    { title: 'with a token of the same user', input: (ids) => ({ token: ids.ownToken }), outcome: everybody() },
    {
      title: "with somebody else's token",
      input: (ids) => ({ token: ids.otherToken }),
      outcome: nobody('TOKEN_INVALID'),
    },
    {
      title: "with a namesake's token of another tenant",
      input: (ids) => ({ token: ids.namesakeToken }),
      outcome: nobody('TOKEN_INVALID'),
    },
  ],
  'auth.revokeAll': [
    { title: "the caller's own", outcome: everybody() },
    {
      title: "another user's",
      input: ({ userId }) => ({ userId }),
      outcome: serviceOnly({ otherService: 'NOT_FOUND' }),
    },
  ],

  'user.get': [
    {
      input: ({ userId }) => ({ userId }),
      outcome: everybody({ otherTenant: 'NOT_FOUND', otherService: 'NOT_FOUND' }),
    },
  ],
  'user.list': [{ outcome: everybody() }],
  'user.update': [{ input: () => ({ meta: { isChanged: true } }), outcome: everybody() }],
  'user.upsert': [
    { title: 'a new user', input: () => ({ id: 'apprentice', name: 'Apprentice' }), outcome: serviceOnly() },
    {
      title: 'a known user',
      input: ({ userId }) => ({ id: userId, meta: { isChanged: true } }),
      outcome: serviceOnly(),
    },
  ],

  'room.create': [
    { input: () => ({ kind: 'group', name: 'New' }), outcome: everybody() },
    {
      title: 'with others',
      input: ({ userId }) => ({ kind: 'channel', name: 'New', memberIds: [userId, 'newcomer'] }),
      outcome: everybody({ otherTenant: 'INVALID_INPUT', otherService: 'INVALID_INPUT' }),
    },
    {
      title: 'for somebody else',
      input: ({ userId }) => ({ kind: 'group', name: 'New', ownerId: userId }),
      outcome: serviceOnly({ otherService: 'INVALID_INPUT' }),
    },
  ],
  'room.direct': [
    {
      input: ({ userId }) => ({ userId }),
      outcome: everybody({ otherTenant: 'INVALID_INPUT', otherService: 'INVALID_INPUT' }),
    },
  ],
  'room.get': [{ input: ofRoom, outcome: members() }],
  'room.list': [
    { outcome: everybody() },
    { title: 'archived', input: () => ({ archived: true }), outcome: everybody() },
  ],
  'room.snapshot': [{ input: ofRoom, outcome: members() }],
  'room.discover': [{ outcome: everybody() }],
  'room.update': [
    { input: ({ roomId }) => ({ roomId, name: 'Changed', historyVisibility: 'joined' }), outcome: least('admin') },
  ],
  'room.archive': [{ input: ofRoom, outcome: least('admin') }],
  'room.unarchive': [{ input: ofRoom, outcome: least('admin') }],
  'room.freeze': [{ input: ofRoom, outcome: least('admin') }],
  'room.unfreeze': [{ input: ofRoom, outcome: least('admin') }],
  'room.delete': [{ input: ofRoom, outcome: least('owner') }],
  'room.join': [{ input: ofRoom, outcome: members({ passerBy: 'allowed', departed: 'allowed' }) }],
  'room.leave': [{ input: ofRoom, outcome: members({ owner: 'LAST_OWNER', service: 'NOT_A_MEMBER' }) }],
  'room.changes': [
    { title: 'where it stands', input: ofRoom, outcome: members() },
    {
      title: 'after a position',
      input: ({ roomId, position }) => ({ roomId, after: position }),
      outcome: members(),
    },
  ],
  'room.onEvent': [
    { title: 'from now on', input: ofRoom, outcome: members() },
    {
      title: 'from a position',
      input: ({ roomId, position }) => ({ roomId, lastEventId: position }),
      outcome: members(),
    },
  ],

  'member.list': [{ input: ofRoom, outcome: members() }],
  'member.add': [
    { input: ({ roomId, userId }) => ({ roomId, userIds: [userId, 'newcomer'] }), outcome: least('moderator') },
  ],
  'member.remove': [
    { input: onMember, outcome: least('moderator', { foreign: 'NOT_FOUND' }) },
    { title: 'the owner', input: onOwner, outcome: onTheOwner('LAST_OWNER') },
  ],
  'member.setRole': [
    {
      title: 'to a lower role than an admin has',
      input: (ids) => ({ ...onMember(ids), role: 'moderator' }),
      outcome: least('admin', { foreign: 'NOT_FOUND' }),
    },
    {
      title: 'to the role of an admin',
      input: (ids) => ({ ...onMember(ids), role: 'admin' }),
      outcome: least('owner', { foreign: 'NOT_FOUND' }),
    },
    {
      title: 'to owner',
      input: (ids) => ({ ...onMember(ids), role: 'owner' }),
      outcome: least('owner', { foreign: 'NOT_FOUND' }),
    },
    {
      title: 'of the owner',
      input: (ids) => ({ ...onOwner(ids), role: 'member' }),
      outcome: onTheOwner('LAST_OWNER'),
    },
  ],
  'member.mute': [
    { input: onMember, outcome: least('moderator', { foreign: 'NOT_FOUND' }) },
    { title: 'the owner', input: onOwner, outcome: onTheOwner('allowed') },
  ],
  'member.unmute': [
    { input: onMember, outcome: least('moderator', { foreign: 'NOT_FOUND' }) },
    {
      title: 'who is muted',
      input: ({ roomId }) => ({ roomId, userId: 'muted' }),
      outcome: least('moderator'),
    },
  ],

  'message.send': [
    {
      input: ({ roomId }) => ({ roomId, clientId: newId(), content }),
      outcome: members({ muted: 'MUTED', service: 'NOT_A_MEMBER' }),
    },
    {
      title: 'as a reply',
      input: ({ roomId, otherMessageId }) => ({ roomId, clientId: newId(), content, replyToId: otherMessageId }),
      outcome: members({
        muted: 'MUTED',
        service: 'NOT_A_MEMBER',
        foreign: 'INVALID_INPUT',
        serviceForeignIds: 'NOT_A_MEMBER',
      }),
    },
    {
      title: 'in the name of another user',
      input: ({ roomId, userId }) => ({ roomId, clientId: newId(), content, asUserId: userId }),
      outcome: serviceOnly({ otherService: 'NOT_FOUND', serviceForeignIds: 'NOT_A_MEMBER' }),
    },
  ],
  'message.list': [{ input: ofRoom, outcome: members() }],
  'message.around': [{ input: another, outcome: members({ foreign: 'NOT_FOUND' }) }],
  'message.get': [{ input: another, outcome: members({ foreign: 'NOT_FOUND' }) }],
  'message.edit': [
    {
      title: "the caller's own",
      input: (ids) => ({ ...own(ids), content }),
      outcome: members({ muted: 'MUTED', foreign: 'NOT_FOUND' }),
    },
    {
      title: "another member's",
      input: (ids) => ({ ...another(ids), content }),
      outcome: members({
        owner: 'FORBIDDEN',
        admin: 'FORBIDDEN',
        moderator: 'FORBIDDEN',
        member: 'FORBIDDEN',
        muted: 'FORBIDDEN',
        foreign: 'NOT_FOUND',
      }),
    },
  ],
  'message.delete': [
    { title: "the caller's own", input: own, outcome: members({ foreign: 'NOT_FOUND' }) },
    { title: "another member's", input: another, outcome: least('moderator', { foreign: 'NOT_FOUND' }) },
  ],
  'message.versions': [
    { input: another, outcome: members({ foreign: 'NOT_FOUND' }) },
    { title: 'of a deleted one', input: deleted, outcome: least('moderator', { foreign: 'NOT_FOUND' }) },
  ],

  'receipt.read': [{ input: ({ roomId }) => ({ roomId, seq: 1_000 }), outcome: members({ service: 'NOT_A_MEMBER' }) }],
  'typing.set': [
    { input: ({ roomId }) => ({ roomId, isTyping: true }), outcome: members({ service: 'NOT_A_MEMBER' }) },
  ],
  'typing.onChange': [{ input: ofRoom, outcome: members() }],
  'presence.set': [{ input: () => ({ status: 'busy' }), outcome: everybody() }],
  'presence.get': [{ input: ({ userId }) => ({ userIds: [userId] }), outcome: everybody() }],
  'presence.onChange': [
    { title: 'of a room', input: ofRoom, outcome: members() },
    { title: 'of users', input: ({ userId }) => ({ userIds: [userId] }), outcome: everybody() },
  ],
  'inbox.get': [{ outcome: everybody() }],
  'inbox.onEvent': [{ outcome: everybody() }],
}
