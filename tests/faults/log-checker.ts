import type { StoredRoom } from './journal.ts'

/** What the room's log itself must be: each place taken once, and no message of somebody who is not in the room there. */
export function checkLog({ lastSeq, log, messages }: StoredRoom): string[] {
  const places = Map.groupBy(log, ({ seq }) => seq)
  const problems: string[] = []
  for (let seq = 1; seq <= lastSeq; seq++) {
    const taken = places.get(seq)?.length ?? 0
    if (taken !== 1) problems.push(`seq ${seq} was taken ${taken} times`)
  }
  const senders = new Map(messages.map((message) => [message.seq, message]))
  const out = new Set<string>()
  for (const { seq, what, id, isIn } of log) {
    if (what === 'member' && id !== null) {
      if (isIn) out.delete(id)
      else out.add(id)
    }
    const sent = senders.get(seq)
    if (sent && out.has(sent.senderId))
      problems.push(`"${sent.content}" (${seq}) is from ${sent.senderId}, who was out of the room`)
  }
  return problems.slice(0, 5)
}
