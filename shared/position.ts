/**
 * A position in a room's log, `<epoch>.<seq>` on the wire. It is opaque to clients, who only keep and return it. The epoch names
 * one history of the room. It changes after a restore or a failover, and a position of the old epoch is answered by a `reset`.
 */
export interface Position {
  epoch: string
  seq: number
}

const POSITION = /^([0-9a-f]{12})\.(0|[1-9][0-9]{0,15})$/

export const formatPosition = (epoch: string, seq: number): string => `${epoch}.${seq}`

/** The parsed position, or undefined if the text is not one. */
export function parsePosition(text: string): Position | undefined {
  const match = POSITION.exec(text)
  if (!match?.[1] || !match[2]) return undefined
  const seq = Number(match[2])
  return Number.isSafeInteger(seq) ? { epoch: match[1], seq } : undefined
}
