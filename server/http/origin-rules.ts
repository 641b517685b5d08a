import { isLoopback } from '../config.ts'

/** The host name of a Host header or an origin, without the port; undefined if there is none. */
export const hostnameOf = (host: string | undefined): string | undefined =>
  host === undefined ? undefined : URL.parse(host.includes('://') ? host : `http://${host}`)?.hostname

export interface OriginRules {
  /** Origins in addition to the server's own. */
  allowed: string[]
  /** In development any page of this machine may connect, such as a frontend's development server. */
  isDevelopment: boolean
}

/** Whether a page of this origin may talk to the server that it reached as `host`. */
export function isAllowedOrigin(
  { allowed, isDevelopment }: OriginRules,
  origin: string,
  host: string | undefined,
): boolean {
  const page = URL.parse(origin)
  if (!page) return false
  if (page.host === host || allowed.includes(page.origin)) return true
  return isDevelopment && isLoopback(page.hostname)
}
