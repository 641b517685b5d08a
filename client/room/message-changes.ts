import type { ChatClient, Reaction } from '../../shared/index.ts'
import type { MessageChange } from './pending-changes.ts'

/** A message to change. */
export interface ChangeTarget {
  roomId: string
  messageId: string
}

/** The new mentions of a message. */
export interface NewMentions {
  mentions?: string[]
  mentionsRoom?: boolean
}

/** Edits a message. */
export function editing(
  client: ChatClient,
  target: ChangeTarget,
  content: string,
  mentions: NewMentions = {},
): MessageChange {
  const editedAt = new Date()
  return {
    key: 'edit',
    messageId: target.messageId,
    apply: (message) =>
      message.deletedAt || message.content === content ? message : { ...message, ...mentions, content, editedAt },
    send: () => client.message.edit.mutate({ ...target, ...mentions, content }),
  }
}

/** Deletes a message. */
export function removing(client: ChatClient, target: ChangeTarget): MessageChange {
  const deletedAt = new Date()
  return {
    key: 'delete',
    messageId: target.messageId,
    apply: (message) => (message.deletedAt ? message : { ...message, content: '', deletedAt }),
    send: () => client.message.delete.mutate(target),
  }
}

/** Pins or unpins a message. */
export function pinning(client: ChatClient, target: ChangeTarget, isPinned: boolean): MessageChange {
  const pinnedAt = isPinned ? new Date() : null
  return {
    key: 'pin',
    messageId: target.messageId,
    apply: (message) => ((message.pinnedAt !== null) === isPinned ? message : { ...message, pinnedAt }),
    send: () => (isPinned ? client.message.pin.mutate(target) : client.message.unpin.mutate(target)),
  }
}

/** Adds or removes a reaction. */
export function reacting(
  client: ChatClient,
  target: ChangeTarget,
  { emoji, userId, isOn }: { emoji: string; userId: string; isOn: boolean },
): MessageChange {
  return {
    key: `reaction ${emoji}`,
    messageId: target.messageId,
    apply: (message) => {
      const reactions = isOn ? withOwn(message.reactions, emoji, userId) : withoutOwn(message.reactions, emoji, userId)
      return reactions === message.reactions ? message : { ...message, reactions }
    },
    send: () =>
      isOn ? client.reaction.add.mutate({ ...target, emoji }) : client.reaction.remove.mutate({ ...target, emoji }),
  }
}

function withOwn(reactions: Reaction[], emoji: string, userId: string): Reaction[] {
  const known = reactions.find((reaction) => reaction.emoji === emoji)
  if (!known) return [...reactions, { emoji, count: 1, firstUserIds: [userId] }]
  if (known.firstUserIds.includes(userId)) return reactions
  const own = { ...known, count: known.count + 1, firstUserIds: [...known.firstUserIds, userId] }
  return reactions.map((reaction) => (reaction === known ? own : reaction))
}

/** The message names only the first ten users. Beyond that it stays unchanged until the server has answered. */
function withoutOwn(reactions: Reaction[], emoji: string, userId: string): Reaction[] {
  const known = reactions.find((reaction) => reaction.emoji === emoji)
  if (!known?.firstUserIds.includes(userId)) return reactions
  const firstUserIds = known.firstUserIds.filter((id) => id !== userId)
  const left = { ...known, count: known.count - 1, firstUserIds }
  return reactions.flatMap((reaction) => (reaction !== known ? [reaction] : left.count > 0 ? [left] : []))
}
