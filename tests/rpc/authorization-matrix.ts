import type { ChatErrorReason } from '../../shared/errors.ts'
import { MEMBER_ROLES, type MemberRole } from '../../shared/permissions.ts'
import { newId } from '../support/test-app.ts'
import { type CallerName, GROUP_SECRET, type Ids } from './authorization-world.ts'

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
  /** What this answer may tell of a room to somebody who is not in it. */
  mayTell?: string
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

/** Whoever of the tenant has a code may use it. */
const withCode = everybody({ otherTenant: 'NOT_FOUND', otherService: 'NOT_FOUND' })

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
const onAnother = (ids: Ids) => ({ ...another(ids), emoji: '👍' })
const ofThread = ({ roomId, otherMessageId }: Ids) => ({ roomId, threadId: otherMessageId })
const content = 'changed'

const later = () => new Date(Date.now() + 3_600_000)

/** Those who are or were in the room have scheduled something there; nobody gets at another's. */
const ownScheduleOnly = everybody({
  stranger: 'NOT_FOUND',
  passerBy: 'NOT_FOUND',
  service: 'NOT_FOUND',
  otherTenant: 'NOT_FOUND',
  otherService: 'NOT_FOUND',
  strangersIds: 'NOT_FOUND',
  serviceForeignIds: 'NOT_FOUND',
})
/** A service follows nothing. */
const followers = members({ service: 'NOT_A_MEMBER', foreign: 'NOT_FOUND', serviceForeignIds: 'NOT_A_MEMBER' })

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
  'user.ban': [
    { input: ({ userId }) => ({ userId, reason: 'Spam' }), outcome: serviceOnly({ otherService: 'NOT_FOUND' }) },
  ],
  'user.unban': [{ input: ({ userId }) => ({ userId }), outcome: serviceOnly({ otherService: 'NOT_FOUND' }) }],
  'user.block': [
    {
      input: ({ userId }) => ({ userId }),
      outcome: everybody({ otherTenant: 'NOT_FOUND', otherService: 'NOT_FOUND' }),
    },
  ],
  'user.unblock': [
    {
      input: ({ userId }) => ({ userId }),
      outcome: everybody({ otherTenant: 'NOT_FOUND', otherService: 'NOT_FOUND' }),
    },
  ],
  'user.blocked': [{ outcome: everybody() }],

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
  'room.join': [
    { input: ofRoom, outcome: members({ passerBy: 'allowed', departed: 'allowed' }) },
    { title: 'by an invite', input: ({ inviteCode }) => ({ inviteCode }), outcome: withCode },
  ],
  'room.settings': [
    { input: ({ roomId }) => ({ roomId, isPinned: true }), outcome: members({ service: 'NOT_A_MEMBER' }) },
    {
      title: 'with a nickname',
      input: ({ roomId }) => ({ roomId, nickname: 'Nick' }),
      outcome: members({ muted: 'MUTED', service: 'NOT_A_MEMBER' }),
    },
  ],
  'room.leave': [{ input: ofRoom, outcome: members({ owner: 'LAST_OWNER', service: 'NOT_A_MEMBER' }) }],
  'room.changes': [
    { title: 'where it stands', input: ofRoom, outcome: members() },
    {
      title: 'after a position',
      input: ({ roomId, position }) => ({ roomId, after: position }),
      outcome: members(),
    },
  ],
  'room.sync': [
    {
      title: 'which answers for each room',
      input: ({ roomId, position }) => ({ positions: { [roomId]: position } }),
      outcome: everybody(),
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

  'invite.create': [{ input: ({ roomId }) => ({ roomId, maxUses: 5 }), outcome: least('moderator') }],
  'invite.list': [{ input: ofRoom, outcome: least('moderator') }],
  'invite.revoke': [
    {
      input: ({ roomId, inviteId }) => ({ roomId, inviteId }),
      outcome: least('moderator', { foreign: 'NOT_FOUND' }),
    },
  ],
  'invite.preview': [{ input: ({ inviteCode }) => ({ inviteCode }), mayTell: GROUP_SECRET, outcome: withCode }],

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
  'member.ban': [
    { input: onMember, outcome: least('moderator', { foreign: 'NOT_FOUND' }) },
    { title: 'the owner', input: onOwner, outcome: onTheOwner('LAST_OWNER') },
    {
      title: 'who has been removed',
      input: ({ roomId }) => ({ roomId, userId: 'removed', until: new Date(Date.now() + 60_000) }),
      outcome: least('moderator'),
    },
  ],
  'member.unban': [
    { input: onMember, outcome: least('moderator', { foreign: 'NOT_FOUND' }) },
    {
      title: 'who has been removed',
      input: ({ roomId }) => ({ roomId, userId: 'removed' }),
      outcome: least('moderator'),
    },
  ],
  'member.banned': [{ input: ofRoom, outcome: least('moderator') }],

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
      title: 'in a thread',
      input: ({ roomId, otherMessageId }) => ({ roomId, clientId: newId(), content, threadId: otherMessageId }),
      outcome: members({
        muted: 'MUTED',
        service: 'NOT_A_MEMBER',
        foreign: 'INVALID_INPUT',
        serviceForeignIds: 'NOT_A_MEMBER',
      }),
    },
    {
      title: 'to everybody in particular',
      input: ({ roomId }) => ({ roomId, clientId: newId(), content, mentionsRoom: true }),
      outcome: least('moderator', { muted: 'MUTED', service: 'NOT_A_MEMBER' }),
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
      title: "the caller's own, so that it mentions everybody",
      input: (ids) => ({ ...own(ids), content, mentionsRoom: true }),
      outcome: least('moderator', { muted: 'MUTED', foreign: 'NOT_FOUND' }),
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
  'message.forward': [
    {
      title: 'within the room',
      input: (ids) => ({ ...another(ids), toRoomId: ids.roomId, clientId: newId() }),
      outcome: members({ muted: 'MUTED', service: 'NOT_A_MEMBER', foreign: 'NOT_FOUND' }),
    },
    {
      title: 'into a room of other people',
      input: (ids) => ({ ...another(ids), toRoomId: ids.elsewhereId, clientId: newId() }),
      outcome: row(() => 'NOT_FOUND', {
        passerBy: 'NOT_A_MEMBER',
        departed: 'NOT_A_MEMBER',
        service: 'NOT_A_MEMBER',
        foreign: 'NOT_FOUND',
      }),
    },
  ],
  'message.pin': [{ input: another, outcome: least('moderator', { foreign: 'NOT_FOUND' }) }],
  'message.unpin': [{ input: another, outcome: least('moderator', { foreign: 'NOT_FOUND' }) }],
  'message.pinned': [{ input: ofRoom, outcome: members() }],
  'message.hide': [{ input: another, outcome: members({ service: 'NOT_A_MEMBER', foreign: 'NOT_FOUND' }) }],
  'message.unhide': [{ input: another, outcome: members({ service: 'NOT_A_MEMBER', foreign: 'NOT_FOUND' }) }],
  'message.hidden': [{ input: ofRoom, outcome: members() }],

  'reaction.add': [
    { input: onAnother, outcome: members({ muted: 'MUTED', service: 'NOT_A_MEMBER', foreign: 'NOT_FOUND' }) },
  ],
  'reaction.remove': [
    { input: onAnother, outcome: members({ muted: 'MUTED', service: 'NOT_A_MEMBER', foreign: 'NOT_FOUND' }) },
  ],
  'reaction.list': [{ input: onAnother, outcome: members({ foreign: 'NOT_FOUND' }) }],
  'reaction.mine': [
    { input: ({ roomId, otherMessageId }) => ({ roomId, messageIds: [otherMessageId] }), outcome: members() },
  ],

  'message.search': [
    { title: 'in all rooms', input: () => ({ query: 'said' }), outcome: everybody() },
    { title: 'in a room', input: ({ roomId }) => ({ roomId, query: 'said' }), outcome: members() },
    {
      title: 'for a sender',
      input: ({ userId }) => ({ query: 'said', senderId: userId, since: new Date(0), until: later() }),
      outcome: everybody(),
    },
  ],
  'draft.set': [
    { input: ({ roomId }) => ({ roomId, content }), outcome: members({ service: 'NOT_A_MEMBER' }) },
    {
      title: 'in a thread',
      input: ({ roomId, otherMessageId }) => ({ roomId, threadId: otherMessageId, content }),
      outcome: members({ service: 'NOT_A_MEMBER', foreign: 'INVALID_INPUT', serviceForeignIds: 'NOT_A_MEMBER' }),
    },
  ],
  'draft.get': [
    { input: ofRoom, outcome: members({ service: 'NOT_A_MEMBER' }) },
    {
      title: 'in a thread',
      input: ({ roomId, otherMessageId }) => ({ roomId, threadId: otherMessageId }),
      outcome: members({ service: 'NOT_A_MEMBER', foreign: 'INVALID_INPUT', serviceForeignIds: 'NOT_A_MEMBER' }),
    },
  ],
  'draft.list': [{ outcome: everybody() }],
  'schedule.create': [
    {
      input: ({ roomId }) => ({ roomId, clientId: newId(), content, sendAt: later() }),
      outcome: members({ service: 'NOT_A_MEMBER' }),
    },
    {
      title: 'as a reply',
      input: ({ roomId, otherMessageId }) => ({
        roomId,
        clientId: newId(),
        content,
        sendAt: later(),
        replyToId: otherMessageId,
      }),
      outcome: members({ service: 'NOT_A_MEMBER', foreign: 'INVALID_INPUT', serviceForeignIds: 'NOT_A_MEMBER' }),
    },
    {
      title: 'in a thread',
      input: (ids) => ({ ...ofThread(ids), clientId: newId(), content, sendAt: later() }),
      outcome: members({ service: 'NOT_A_MEMBER', foreign: 'INVALID_INPUT', serviceForeignIds: 'NOT_A_MEMBER' }),
    },
  ],
  'schedule.list': [
    { outcome: everybody() },
    // What one scheduled oneself one sees also after having left.
    { title: 'of a room', input: ofRoom, outcome: members({ removed: 'allowed', departed: 'allowed' }) },
  ],
  'schedule.update': [
    {
      title: "the caller's own",
      input: ({ ownScheduleId }) => ({ scheduleId: ownScheduleId, content, sendAt: later() }),
      outcome: ownScheduleOnly,
    },
    {
      title: "another member's",
      input: ({ otherScheduleId }) => ({ scheduleId: otherScheduleId, content }),
      outcome: nobody('NOT_FOUND'),
    },
  ],
  'schedule.cancel': [
    {
      title: "the caller's own",
      input: ({ ownScheduleId }) => ({ scheduleId: ownScheduleId }),
      outcome: ownScheduleOnly,
    },
    {
      title: "another member's",
      input: ({ otherScheduleId }) => ({ scheduleId: otherScheduleId }),
      outcome: nobody('NOT_FOUND'),
    },
  ],

  'message.thread': [{ input: ofThread, outcome: members({ foreign: 'NOT_FOUND' }) }],

  'thread.list': [{ outcome: everybody() }],
  'thread.follow': [{ input: ofThread, outcome: followers }],
  'thread.unfollow': [{ input: ofThread, outcome: followers }],
  'thread.read': [{ input: ofThread, outcome: followers }],

  'receipt.delivered': [
    { input: ({ roomId }) => ({ roomId, seq: 1_000 }), outcome: members({ service: 'NOT_A_MEMBER' }) },
  ],
  'receipt.list': [{ input: ofRoom, outcome: members() }],
  'receipt.onChange': [{ input: ofRoom, outcome: members() }],
  'receipt.read': [{ input: ({ roomId }) => ({ roomId, seq: 1_000 }), outcome: members({ service: 'NOT_A_MEMBER' }) }],
  'receipt.markUnread': [
    { input: ({ roomId }) => ({ roomId, seq: 1 }), outcome: members({ service: 'NOT_A_MEMBER' }) },
  ],
  'typing.set': [
    {
      input: ({ roomId }) => ({ roomId, isTyping: true }),
      outcome: members({ muted: 'MUTED', service: 'NOT_A_MEMBER' }),
    },
    {
      title: 'to stop',
      input: ({ roomId }) => ({ roomId, isTyping: false }),
      outcome: members({ service: 'NOT_A_MEMBER' }),
    },
  ],
  'typing.onChange': [{ input: ofRoom, outcome: members() }],
  'presence.set': [{ input: () => ({ status: 'busy' }), outcome: everybody() }],
  'presence.get': [{ input: ({ userId }) => ({ userIds: [userId] }), outcome: everybody() }],
  'presence.onChange': [
    { title: 'of a room', input: ofRoom, outcome: members() },
    { title: 'of users', input: ({ userId }) => ({ userIds: [userId] }), outcome: everybody() },
  ],
  'preferences.get': [{ outcome: everybody() }],
  'preferences.update': [{ input: () => ({ hidesReceipts: true }), outcome: everybody() }],
  'inbox.get': [{ outcome: everybody() }],
  'inbox.onEvent': [{ outcome: everybody() }],

  'report.create': [
    { input: (ids) => ({ ...another(ids), reason: 'spam' }), outcome: members({ foreign: 'NOT_FOUND' }) },
    {
      title: 'of a deleted message',
      input: (ids) => ({ ...deleted(ids), reason: 'other' }),
      outcome: row(
        (name) => {
          const outcome = members()(name)
          return outcome === 'allowed' ? 'MESSAGE_DELETED' : outcome
        },
        { foreign: 'NOT_FOUND' },
      ),
    },
  ],
  'report.list': [
    { title: 'of a room', input: ofRoom, outcome: least('moderator') },
    { title: 'of the tenant', outcome: serviceOnly() },
  ],
  'report.resolve': [
    {
      input: ({ roomId, reportId }) => ({ roomId, reportId, action: 'dismiss' }),
      outcome: least('moderator', { foreign: 'NOT_FOUND', otherTenant: 'NOT_FOUND', otherService: 'NOT_FOUND' }),
    },
    {
      title: 'by its id alone',
      input: ({ reportId }) => ({ reportId, action: 'deleteMessage' }),
      outcome: least('moderator', { foreignIds: 'allowed', strangersIds: 'NOT_FOUND', serviceForeignIds: 'allowed' }),
    },
    {
      title: 'against the sender',
      input: ({ roomId, reportId }) => ({ roomId, reportId, action: 'banMember' }),
      outcome: least('moderator', { foreign: 'NOT_FOUND' }),
    },
  ],
  'wordFilter.get': [
    { title: 'of a room', input: ofRoom, outcome: least('admin') },
    { title: 'of the tenant', outcome: serviceOnly() },
  ],
  'wordFilter.update': [
    {
      title: 'of a room',
      input: ({ roomId }) => ({ roomId, words: [{ pattern: 'darn', action: 'mask' }] }),
      outcome: least('admin'),
    },
    { title: 'of the tenant', input: () => ({ words: [] }), outcome: serviceOnly() },
  ],
  'audit.list': [
    { title: 'of a room', input: ofRoom, outcome: least('admin') },
    { title: 'of the tenant', outcome: serviceOnly() },
  ],
}
