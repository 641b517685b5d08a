import type { Message } from '../../shared/index.ts'

interface ModelMessage {
  id: string
  seq: number
  senderId: string
  threadId: string | null
  mentions: string[]
  mentionsRoom: boolean
  isDeleted: boolean
  hiddenFrom: Set<string>
}

interface ModelMember {
  isPresent: boolean
  readSeq: number
  /** Followed threads, and the seq up to which each is read. */
  follows: Map<string, number>
}

/** What is unread in one room, by looking at every message each time it is asked. It knows no ordinals. */
export class UnreadModel {
  readonly messages: ModelMessage[] = []
  readonly members: Map<string, ModelMember>

  constructor(userIds: readonly string[]) {
    this.members = new Map(userIds.map((id) => [id, { isPresent: true, readSeq: 0, follows: new Map() }]))
  }

  isPresent(userId: string): boolean {
    return this.members.get(userId)?.isPresent ?? false
  }

  sent({ id, seq, senderId, threadId, mentions, mentionsRoom, isOnBehalf }: Message): void {
    const message = {
      id,
      seq,
      senderId,
      threadId,
      mentions,
      mentionsRoom,
      isDeleted: false,
      hiddenFrom: new Set<string>(),
    }
    const isFirst = threadId !== null && !this.messages.some((each) => each.threadId === threadId)
    this.messages.push(message)
    if (threadId === null) {
      if (!isOnBehalf) this.read(senderId, seq)
      return
    }
    const root = this.messages.find((each) => each.id === threadId)
    const drawn = [...mentions, senderId, ...(isFirst && root ? [root.senderId] : [])]
    for (const userId of drawn) this.#follow(userId, threadId, seq - 1)
    if (!isOnBehalf) this.readThread(senderId, threadId, seq)
  }

  edited({ id, mentions, mentionsRoom }: Message): void {
    const message = this.messages.find((each) => each.id === id)
    if (!message) return
    const { threadId, senderId, seq, mentions: before } = message
    Object.assign(message, { mentions, mentionsRoom })
    const isSame = JSON.stringify(before) === JSON.stringify(mentions)
    if (threadId === null || isSame) return
    for (const userId of mentions) if (userId !== senderId) this.#follow(userId, threadId, seq - 1)
  }

  deleted(id: string): void {
    const message = this.messages.find((each) => each.id === id)
    if (message) message.isDeleted = true
  }

  hidden(userId: string, id: string, isHidden: boolean): void {
    this.messages.find((each) => each.id === id)?.hiddenFrom[isHidden ? 'add' : 'delete'](userId)
  }

  read(userId: string, seq: number): void {
    const member = this.members.get(userId)
    if (member) member.readSeq = Math.max(member.readSeq, seq)
  }

  markedUnread(userId: string, seq: number): void {
    const member = this.members.get(userId)
    if (member) member.readSeq = Math.min(member.readSeq, seq - 1)
  }

  readThread(userId: string, threadId: string, seq: number): void {
    const follows = this.members.get(userId)?.follows
    const before = follows?.get(threadId)
    if (before !== undefined) follows?.set(threadId, Math.max(before, seq))
  }

  follow(userId: string, threadId: string): void {
    this.#follow(userId, threadId, this.replies(threadId).at(-1)?.seq ?? 0)
  }

  unfollow(userId: string, threadId: string): void {
    this.members.get(userId)?.follows.delete(threadId)
  }

  left(userId: string): void {
    this.members.set(userId, { isPresent: false, readSeq: 0, follows: new Map() })
  }

  joined(userId: string, seq: number): void {
    this.members.set(userId, { isPresent: true, readSeq: seq, follows: new Map() })
  }

  replies(threadId: string): ModelMessage[] {
    return this.messages.filter((each) => each.threadId === threadId)
  }

  /** What everybody's inbox should count. */
  counts(userId: string) {
    const member = this.members.get(userId)
    const unread = this.#unreadBy(userId, null, member?.readSeq ?? 0)
    const isRootHidden = (id: string) => this.messages.some((each) => each.id === id && each.hiddenFrom.has(userId))
    const followed = [...(member?.follows ?? [])].filter(([threadId]) => !isRootHidden(threadId))
    const threads = followed.map(([threadId, seq]) => {
      const { unread: replies, mentions } = sums(userId, this.#unreadBy(userId, threadId, seq))
      return { threadId, unread: replies, mentions }
    })
    return { room: sums(userId, unread), threads }
  }

  #unreadBy(userId: string, threadId: string | null, after: number): ModelMessage[] {
    return this.messages.filter(
      (each) =>
        each.threadId === threadId &&
        each.seq > after &&
        !each.isDeleted &&
        !each.hiddenFrom.has(userId) &&
        each.senderId !== userId,
    )
  }

  #follow(userId: string, threadId: string, seq: number): void {
    const member = this.members.get(userId)
    if (member?.isPresent && !member.follows.has(threadId)) member.follows.set(threadId, seq)
  }
}

const sums = (userId: string, unread: ModelMessage[]) => ({
  unread: unread.length,
  mentions: unread.filter((each) => each.mentionsRoom || each.mentions.includes(userId)).length,
})
