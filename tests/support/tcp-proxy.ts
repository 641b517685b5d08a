import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** One connection through the proxy, for who wants to break just this one. */
export interface ProxiedConnection {
  /**
   * What was said so far still arrives at the server, whose answers nobody hears any more; the client's end is cut at once. That is what
   * a client sees of a machine that dies with the answer on its lips.
   */
  cutBeforeAnswer(): void
}

/** Called with each piece that a client sends, after it was passed on. */
export type Tap = (connection: ProxiedConnection, piece: Buffer) => void

/** A stretch of network of our own, between a server and what it depends on, to be broken. */
export interface TcpProxy extends AsyncDisposable {
  port: number
  /** Ends every connection and refuses new ones. */
  cut(): void
  /** Ends every connection; new ones are as good as before. */
  drop(): void
  /** Keeps connections and takes new ones, and lets nothing through. */
  blackhole(): void
  /** The far ends are gone and the near ones were not told: what is sent there is never answered. New connections are good. */
  halfOpen(): void
  /** Holds every piece back for so long. */
  delay(ms: number): void
  /** As at first. What a blackhole held back is not sent any more: its connections end. */
  mend(): void
  /** Looks on until the returned function is called. */
  tap(tap: Tap): () => void
}

type Target = { port: number } | { path: string }

/** To a port of this machine, or to a Unix socket. */
export async function startTcpProxy(target: Target): Promise<TcpProxy> {
  let mode: 'open' | 'cut' | 'blackhole' = 'open'
  let delayMs = 0
  const pairs = new Set<Pair>()
  const taps = new Set<Tap>()
  const drop = () => {
    for (const pair of pairs) pair.destroy()
  }
  const server = createServer((client) => {
    client.on('error', () => undefined)
    if (mode === 'cut') return client.destroy()
    const pair = new Pair(client, connect(target), {
      isOpen: () => mode !== 'blackhole',
      delayMs: () => delayMs,
      taps,
      onEnd: () => pairs.delete(pair),
    })
    pairs.add(pair)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The proxy has no address')
  return {
    port: address.port,
    cut: () => {
      mode = 'cut'
      drop()
    },
    drop,
    blackhole: () => {
      mode = 'blackhole'
    },
    halfOpen: () => {
      for (const pair of pairs) pair.loseServer()
    },
    delay: (ms) => {
      delayMs = ms
    },
    mend: () => {
      const hasHeldBack = mode === 'blackhole'
      mode = 'open'
      delayMs = 0
      if (hasHeldBack) drop()
      for (const pair of pairs) if (pair.isHalf) pair.destroy()
    },
    tap: (tap) => {
      taps.add(tap)
      return () => taps.delete(tap)
    },
    async [Symbol.asyncDispose]() {
      drop()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Road {
  isOpen(): boolean
  delayMs(): number
  taps: Set<Tap>
  onEnd(): void
}

/** A client's connection and the one to the server that goes with it. */
class Pair implements ProxiedConnection {
  readonly #client: Socket
  readonly #server: Socket
  readonly #road: Road
  /** One of the two ends is gone, and the other was not told. */
  isHalf = false

  constructor(client: Socket, server: Socket, road: Road) {
    this.#client = client
    this.#server = server
    this.#road = road
    this.#carry(client, server, (piece) => {
      for (const tap of road.taps) tap(this, piece)
    })
    this.#carry(server, client)
  }

  cutBeforeAnswer(): void {
    this.isHalf = true
    this.#client.destroy()
    this.#server.end()
  }

  loseServer(): void {
    this.isHalf = true
    this.#server.destroy()
  }

  destroy(): void {
    this.#client.destroy()
    this.#server.destroy()
    this.#road.onEnd()
  }

  #carry(from: Socket, to: Socket, onPassed?: (piece: Buffer) => void): void {
    /** None overtakes another, whatever the delay is by then. */
    const held: Buffer[] = []
    let freeAt = 0
    const passNext = () => {
      const piece = held.shift()
      if (!piece) return
      if (to.writable) to.write(piece)
      onPassed?.(piece)
    }
    from.on('data', (piece: Buffer) => {
      if (!this.#road.isOpen() || this.isHalf) return
      held.push(piece)
      const now = performance.now()
      freeAt = Math.max(freeAt, now + this.#road.delayMs())
      if (held.length === 1 && freeAt <= now) passNext()
      else setTimeout(passNext, Math.max(0, freeAt - now)).unref()
    })
    from.on('error', () => undefined)
    from.once('close', () => {
      if (!this.isHalf) to.destroy()
      if (this.#client.destroyed && this.#server.destroyed) this.#road.onEnd()
    })
  }
}
