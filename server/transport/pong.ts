import type { WebSocket } from 'ws'

/**
 * Answers the pings of a peer, on a server whose `autoPong` is off. ws itself cuts a connection that pings more often than its pongs are
 * written. RFC 6455, section 5.5.3, allows a pong for only the latest of several pings: one pong is on its way at a time, and at most
 * one more is due.
 */
export function answerPings(client: WebSocket): void {
  let isWriting = false
  let due: Buffer | undefined
  const pong = (data: Buffer) => {
    isWriting = true
    client.pong(data, false, () => {
      isWriting = false
      const next = due
      due = undefined
      if (next && client.readyState === client.OPEN) pong(next)
    })
  }
  client.on('ping', (data) => {
    if (isWriting) due = data
    else if (client.readyState === client.OPEN) pong(data)
  })
}
