import type { PresenceLease } from '../bus/bus.ts'

interface RemoteNode {
  version: number
  leases: Map<string, PresenceLease>
  /** By this node's clock, `performance.now()`. */
  expiresAt: number
}

/** The leases of users on other nodes, as far as this node knows; bounded by the number of connected users. */
export class RemoteLeases {
  readonly #nodes = new Map<string, RemoteNode>()
  readonly #byChannel = new Map<string, Map<string, PresenceLease>>()
  /** Called for each user whose leases changed. */
  onChange: (channel: string) => void = () => undefined

  get nodes(): string[] {
    return [...this.#nodes.keys()]
  }

  of(channel: string): PresenceLease[] {
    return [...(this.#byChannel.get(channel)?.values() ?? [])]
  }

  /** The version of another node's leases that this node has; -1 if none. */
  versionOf(node: string): number {
    return this.#nodes.get(node)?.version ?? -1
  }

  expiryOf(node: string): number {
    return this.#nodes.get(node)?.expiresAt ?? 0
  }

  /** Applies the changes that follow version `base`; false if changes between are missing. */
  change(node: string, base: number, version: number, leases: [string, PresenceLease | null][]): boolean {
    const known = this.#nodes.get(node)
    if (known && version <= known.version) return true
    if (known?.version !== base) return false
    known.version = version
    for (const [channel, lease] of leases) this.#set(known, node, channel, lease)
    return true
  }

  /** Replaces everything known of a node. */
  replace(node: string, version: number, leases: Map<string, PresenceLease>): void {
    const known = this.#nodes.get(node) ?? { version, leases: new Map(), expiresAt: 0 }
    this.#nodes.set(node, known)
    known.version = version
    for (const channel of known.leases.keys()) if (!leases.has(channel)) this.#set(known, node, channel, null)
    for (const [channel, lease] of leases) this.#set(known, node, channel, lease)
  }

  renew(node: string, expiresAt: number): void {
    const known = this.#nodes.get(node)
    if (known) known.expiresAt = expiresAt
  }

  drop(node: string): void {
    const known = this.#nodes.get(node)
    if (!known) return
    for (const channel of known.leases.keys()) this.#set(known, node, channel, null)
    this.#nodes.delete(node)
  }

  #set(known: RemoteNode, node: string, channel: string, lease: PresenceLease | null): void {
    const ofUser = this.#byChannel.get(channel) ?? new Map<string, PresenceLease>()
    if (lease) {
      known.leases.set(channel, lease)
      this.#byChannel.set(channel, ofUser.set(node, lease))
    } else {
      known.leases.delete(channel)
      ofUser.delete(node)
      if (ofUser.size === 0) this.#byChannel.delete(channel)
    }
    this.onChange(channel)
  }
}
