/**
 * Why the server closes a WebSocket, by code. The range tells a client what to do next:
 *
 * | range | the client |
 * |---|---|
 * | 4000–4099 | connects again at once, with a small random delay, and resumes |
 * | 4100–4199 | backs off with full jitter |
 * | 4200–4299 | fetches a new token, then connects |
 * | 4300–4399 | gives up and says why |
 *
 * Everything else (1001, 1006, …) is a lost connection: back off with full jitter, the first try within half a second.
 * (4000–4999 are for private use: RFC 6455, section 7.4.2.)
 */
export const CLOSE_CODES = {
  RESTARTING: 4000,
  SLOW_CONSUMER: 4001,
  OVERLOADED: 4100,
  TOO_MANY_CONNECTIONS: 4101,
  TOKEN_EXPIRED: 4200,
  TOKEN_REVOKED: 4201,
  UNAUTHENTICATED: 4202,
  TOKEN_INVALID: 4300,
  USER_BANNED: 4301,
  PROTOCOL_ERROR: 4302,
  AUTHENTICATION_TIMEOUT: 4102,
} as const

/** The client's next step after a close. */
export type AfterClose = 'resume' | 'back-off' | 'new-token' | 'give-up'

/** The table above as a function. */
export function afterClose(code: number | undefined): AfterClose {
  if (code === undefined) return 'back-off'
  if (code >= 4000 && code < 4100) return 'resume'
  if (code >= 4200 && code < 4300) return 'new-token'
  if (code >= 4300 && code < 4400) return 'give-up'
  return 'back-off'
}
