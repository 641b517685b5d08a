import type { IncomingMessage } from 'node:http'
import { BlockList, isIPv4, isIPv6, type Socket } from 'node:net'

/** Addresses of proxies and other hosts in one's own network; a client would come from a public address. */
const INTERNAL = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '::1',
  'fc00::/7',
  'fe80::/10',
]

/** The parts of a request that identify its origin. */
export type AddressedRequest = Pick<IncomingMessage, 'headers'> & { socket: Pick<Socket, 'remoteAddress'> }

/**
 * Determines the addresses of clients as far as possible. Only trusted proxies are believed in `X-Forwarded-For`. If no proxy is
 * trusted, a peer in the internal network may be an unlisted proxy and does not count as a client.
 */
export class ClientAddresses {
  readonly #trusted: BlockList | undefined
  readonly #internal = blockList(INTERNAL)

  /** @param trusted addresses of proxies, or networks such as 10.0.0.0/8 */
  constructor(trusted: string[]) {
    this.#trusted = trusted.length > 0 ? blockList(trusted) : undefined
  }

  /** The client's address; undefined if it can't be determined. */
  of(req: AddressedRequest): string | undefined {
    const peer = plainAddress(req.socket.remoteAddress ?? '')
    if (peer === undefined) return undefined
    if (!this.#trusted) return contains(this.#internal, peer) ? undefined : peer
    const header = req.headers['x-forwarded-for']
    const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((hop) => plainAddress(hop))
    // Each proxy appends its peer: the last hop that is not a trusted proxy is the furthest that can be known.
    return [...hops, peer].findLast((hop) => hop === undefined || !this.isTrusted(hop))
  }

  isTrusted(address: string): boolean {
    const plain = plainAddress(address)
    return plain !== undefined && this.#trusted !== undefined && contains(this.#trusted, plain)
  }

  /** The network in which one client can have many addresses: a whole /64 with IPv6. Undefined if it can't be determined. */
  networkOf(req: AddressedRequest): string | undefined {
    const address = this.of(req)
    return address !== undefined && isIPv6(address) ? `${groupsOf(address).slice(0, 4).join(':')}::/64` : address
  }
}

function blockList(networks: string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}

const contains = (list: BlockList, address: string): boolean => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

/** An address in canonical spelling, without port, brackets and zone; undefined if it is not an address. */
function plainAddress(text: string): string | undefined {
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\]|(\d+(?:\.\d+){3}))(?::\d+)?$/.exec(text.trim()) ?? []
  const [address = ''] = (bracketed ?? dotted ?? text.trim()).split('%')
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIPv4(plain)) return plain
  return isIPv6(plain) ? URL.parse(`http://[${plain}]`)?.hostname.slice(1, -1) : undefined
}

/** The eight groups of an IPv6 address in compressed form. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const [left, right] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean))
  const zeros = Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0')
  return [...(left ?? []), ...zeros, ...(right ?? [])]
}
