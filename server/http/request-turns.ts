import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { TurnBudget } from '../transport/turn-budget.ts'

/** Bound on running requests per socket: browsers, proxies and Node's clients have one (RFC 9112, section 9.3.2). */
const MAX_PIPELINED = 8

/** Fixed cost of a request, and of each call in it, in addition to the bytes of its body. */
const WEIGHT_OF_REQUEST = 4 << 10
const WEIGHT_OF_CALL = 2 << 10

/** Tells Node's parser that a message is the last one: as after an upgrade, the rest is not HTTP. */
const READ_NO_FURTHER = 2

/**
 * Bounds the requests that start in one turn of the event loop, over all sockets. One read of a socket can hold two thousand
 * pipelined requests, and Node would start all of them at once. Each socket may have a few running: the last of these is answered
 * with `Connection: close`, and what follows it is not read. Requests start, and their bodies are read, as the turn's budget
 * allows.
 */
export class RequestTurns {
  readonly #budget = new TurnBudget()
  /** Unanswered requests per socket. */
  readonly #underWay = new WeakMap<Socket, number>()

  watch(server: Server): void {
    server.prependListener('request', (req, res) => this.#count(req, res))
  }

  /**
   * Resolves when a request, or the calls of a received body, may begin. Waiting requests are bounded by those of their sockets.
   */
  async begin({ calls = 0, bytes = 0 }: { calls?: number; bytes?: number } = {}): Promise<void> {
    const weight = WEIGHT_OF_REQUEST + calls * WEIGHT_OF_CALL + bytes
    const { promise, resolve } = Promise.withResolvers<void>()
    const task = {
      run: () => {
        if (!this.#budget.begin(task)) return
        this.#budget.spend(weight)
        resolve()
      },
    }
    task.run()
    return promise
  }

  #count({ socket }: IncomingMessage, res: ServerResponse): void {
    const count = (this.#underWay.get(socket) ?? 0) + 1
    this.#underWay.set(socket, count)
    res.once('close', () => this.#underWay.set(socket, (this.#underWay.get(socket) ?? 0) - 1))
    if (count < MAX_PIPELINED) return
    res.shouldKeepAlive = false
    stopReading(socket)
  }
}

/** Node's parser has no other way to stop within a chunk. If this internal is missing, each request is still counted. */
function stopReading(socket: Socket): void {
  if (!('parser' in socket) || typeof socket.parser !== 'object' || socket.parser === null) return
  Reflect.set(socket.parser, 'onIncoming', () => READ_NO_FURTHER)
}
