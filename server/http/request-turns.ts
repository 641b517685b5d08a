import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { TurnBudget } from '../transport/turn-budget.ts'

/** Requests that a socket may have under way: browsers, proxies and Node's clients have one (RFC 9112, section 9.3.2). */
const MAX_PIPELINED = 8

/** What a request costs whatever it asks for, and each call of it, beside the bytes of its body. */
const WEIGHT_OF_REQUEST = 4 << 10
const WEIGHT_OF_CALL = 2 << 10

/** What a parser of Node's is told of a message that is the last it reads: as after an upgrade, the rest is no HTTP. */
const READ_NO_FURTHER = 2

/**
 * How many requests are begun in one turn of the event loop, over all sockets. One read of a socket can hold two thousand pipelined
 * requests, and Node would begin all of them at once. A socket has a few under way: the last of these is answered with
 * `Connection: close`, and what follows it is not read. Requests begin, and their bodies are read, as the turns' budget allows.
 */
export class RequestTurns {
  readonly #budget = new TurnBudget()
  /** By socket, how many requests are not answered yet. */
  readonly #underWay = new WeakMap<Socket, number>()

  watch(server: Server): void {
    server.prependListener('request', (req, res) => this.#count(req, res))
  }

  /** Resolves when it may begin: a request, or, once its body has come, its calls. Waiting requests are as many as their sockets allow. */
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

/** Node's parser has no other way to be stopped within what it was given; where it has not this one, each request is still counted. */
function stopReading(socket: Socket): void {
  if (!('parser' in socket) || typeof socket.parser !== 'object' || socket.parser === null) return
  Reflect.set(socket.parser, 'onIncoming', () => READ_NO_FURTHER)
}
