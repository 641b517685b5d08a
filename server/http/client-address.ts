import type { IncomingMessage } from 'node:http'
import { BlockList, isIPv4, isIPv6, type Socket } from 'node:net'

/** From here comes a proxy or something else of one's own network; a client would come by a public address. */
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

/** As much of a request as says where it comes from. */
export type AddressedRequest = Pick<IncomingMessage, 'headers'> & { socket: Pick<Socket, 'remoteAddress'> }

/**
 * Where requests come from, as far as that can be known: a trusted proxy is believed what it says in `X-Forwarded-For`, nobody else is.
 * Where no proxy is trusted, somebody from the own network may be one that was not named, and so stands for nobody.
 */
export class ClientAddresses {
  readonly #trusted: BlockList | undefined
  readonly #internal = blockList(INTERNAL)

  /** @param trusted addresses of proxies, or networks such as 10.0.0.0/8 */
  constructor(trusted: string[]) {
    this.#trusted = trusted.length > 0 ? blockList(trusted) : undefined
  }

  /** The client's address; undefined where it can't be known. */
  of(req: AddressedRequest): string | undefined {
    const peer = plainAddress(req.socket.remoteAddress ?? '')
    if (peer === undefined) return undefined
    if (!this.#trusted) return contains(this.#internal, peer) ? undefined : peer
    const header = req.headers['x-forwarded-for']
    const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((hop) => plainAddress(hop))
    // Each proxy adds at the end whom it heard: the last that is no proxy of ours is as far as can be seen.
    return [...hops, peer].findLast((hop) => hop === undefined || !this.isTrusted(hop))
  }

  isTrusted(address: string): boolean {
    const plain = plainAddress(address)
    return plain !== undefined && this.#trusted !== undefined && contains(this.#trusted, plain)
  }

  /** What one client can have many addresses in: with IPv6 that is a whole /64. Undefined where it can't be known. */
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

/** An address in one spelling, without port, brackets and zone; undefined for what is none. */
function plainAddress(text: string): string | undefined {
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\]|(\d+(?:\.\d+){3}))(?::\d+)?$/.exec(text.trim()) ?? []
  const [address = ''] = (bracketed ?? dotted ?? text.trim()).split('%')
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIPv4(plain)) return plain
  return isIPv6(plain) ? URL.parse(`http://[${plain}]`)?.hostname.slice(1, -1) : undefined
}

/** The eight groups of an IPv6 address in its short spelling. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const [left, right] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean))
  const zeros = Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0')
  return [...(left ?? []), ...zeros, ...(right ?? [])]
}
