import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'

/** The server's external configuration. `createApp` takes any part of it; the rest defaults as with an empty environment. */
export interface Config {
  port: number
  host: string
  /** Any Postgres from version 15 on. Without it the embedded one runs in `dataDir`. */
  databaseUrl: string | undefined
  dataDir: string
  /** A single Redis, the Sentinels that know its address, or servers of a Redis Cluster. */
  redisUrl: string | undefined
  workers: number
  /** A shared secret of at least 32 bytes, for HS256. */
  authSecret: string | undefined
  /** The URL of the token issuer's public keys. */
  authJwksUrl: string | undefined
  authIssuer: string | undefined
  authAudience: string | undefined
  /** Origins of pages that may connect, in addition to the server's own. */
  allowedOrigins: string[]
  /** Addresses and networks of proxies whose `X-Forwarded-For` is trusted. */
  trustProxy: string[]
  /** Bound on all sockets of one process. */
  maxConnections: number
  /** Bound on WebSockets and running requests from one address, if it can be determined; 0 means no bound. */
  connectionsPerAddress: number
  /** The port of `/metrics`; undefined disables it. */
  metricsPort: number | undefined
  metricsHost: string
  /** The bearer token that scrapers must send. */
  metricsToken: string | undefined
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  rateLimit: boolean
  isProduction: boolean
}

/** The environment can't be used. The message names every fault, one per line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const url = (...schemes: string[]) =>
  z
    .string()
    .refine((text) => schemes.includes(URL.parse(text)?.protocol ?? ''), `must be a ${schemes.join(' or ')} URL`)

/**
 * `redis-sentinel://[user:password@]host[:port][,host[:port]…][/database]#master`; the login is for Redis, Sentinels have none.
 */
export const SENTINEL_URL =
  /^redis-sentinel:\/\/(?:(?<login>[^@/#]*)@)?(?<hosts>[^@/#]+)(?<database>\/\d+)?#(?<master>.+)$/

/**
 * `redis-cluster://[user:password@]host[:port][,host[:port]…]`, or `rediss-cluster:` for TLS. Any servers of the cluster will do.
 */
export const CLUSTER_URL = /^(?<scheme>rediss?)-cluster:\/\/(?:(?<login>[^@/#]*)@)?(?<hosts>[^@/#]+)$/

const isRedisUrl = (text: string): boolean =>
  SENTINEL_URL.test(text) || CLUSTER_URL.test(text) || ['redis:', 'rediss:'].includes(URL.parse(text)?.protocol ?? '')

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`)

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean),
)

const origins = list.refine(
  (list) => list.every((origin) => URL.parse(origin)?.origin === origin),
  'must be origins such as https://chat.example.com, separated by commas',
)

/** An address, or a network by its prefix, except networks that include every address. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, more] = text.split('/')
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0
  if (bits === 0 || more !== undefined) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) > 0 && Number(prefix) <= bits)
}

const networks = list.refine(
  (list) => list.every(isNetwork),
  'must be addresses or networks such as 127.0.0.1 or 10.0.0.0/8, separated by commas',
)

const isLongEnough = (secret: string) => Buffer.byteLength(secret) >= 32

/** Whether a header can carry it. */
const isToken = (text: string) => /^[\x21-\x7e]{16,}$/.test(text)

const environment = z.object({
  PORT: wholeNumber(0, 65_535).default(3_000),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  DATA_DIR: z.string().default('./data'),
  REDIS_URL: z
    .string()
    .refine(isRedisUrl, {
      error:
        'must be a redis: or rediss: URL, redis-sentinel://host:26379,host:26379#master, or redis-cluster://host:6379,host:6379',
    })
    .optional(),
  WORKERS: wholeNumber(1, 128).default(1),
  AUTH_SECRET: z.string().refine(isLongEnough, 'must hold at least 32 bytes').optional(),
  AUTH_JWKS_URL: url('https:', 'http:').optional(),
  AUTH_ISSUER: z.string().optional(),
  AUTH_AUDIENCE: z.string().optional(),
  ALLOWED_ORIGINS: origins.default([]),
  TRUST_PROXY: networks.default([]),
  MAX_CONNECTIONS: wholeNumber(1, 10_000_000).default(50_000),
  CONNECTIONS_PER_ADDRESS: wholeNumber(0, 1_000_000).default(1_000),
  METRICS_PORT: wholeNumber(0, 65_535).optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
  METRICS_TOKEN: z.string().refine(isToken, 'must be at least 16 characters without spaces').optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  RATE_LIMIT: z.enum(['on', 'off']).default('on'),
  NODE_ENV: z.string().optional(),
})

/** The names that the server reads; `.env.example` explains each. */
export const ENVIRONMENT_NAMES = Object.keys(environment.shape)

/** The environment as a Config. An empty variable counts as absent. @throws {ConfigError} naming every fault at once */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return checkedConfig(parseEnvironment(env))
}

function parseEnvironment(env: NodeJS.ProcessEnv): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(present)
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('\n'))
  }
  const { data } = parsed
  return {
    port: data.PORT,
    host: data.HOST,
    databaseUrl: data.DATABASE_URL,
    dataDir: data.DATA_DIR,
    redisUrl: data.REDIS_URL,
    workers: data.WORKERS,
    authSecret: data.AUTH_SECRET,
    authJwksUrl: data.AUTH_JWKS_URL,
    authIssuer: data.AUTH_ISSUER,
    authAudience: data.AUTH_AUDIENCE,
    allowedOrigins: data.ALLOWED_ORIGINS,
    trustProxy: data.TRUST_PROXY,
    maxConnections: data.MAX_CONNECTIONS,
    connectionsPerAddress: data.CONNECTIONS_PER_ADDRESS,
    metricsPort: data.METRICS_PORT,
    metricsHost: data.METRICS_HOST,
    metricsToken: data.METRICS_TOKEN,
    logLevel: data.LOG_LEVEL,
    rateLimit: data.RATE_LIMIT === 'on',
    isProduction: data.NODE_ENV === 'production',
  }
}

/** A whole Config from any part of one. @throws {ConfigError} */
export function completeConfig(part: Partial<Config>): Config {
  if ((part.workers ?? 1) > 1)
    throw new ConfigError('WORKERS only applies to "npm start"; createApp runs a single process')
  // Only the environment says what is production, whatever code builds the app.
  return checkedConfig({ ...parseEnvironment({}), isProduction: process.env['NODE_ENV'] === 'production', ...part })
}

/** Whether tokens are signed with a secret that the server generates: only on one's own machine. */
export const isDevelopment = (config: Config): boolean =>
  !config.isProduction && !config.authSecret && !config.authJwksUrl && isLoopback(config.host)

/** A name or address that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '::1' ||
  host === '[::1]' ||
  /^127(\.\d{1,3}){3}$/.test(host)

function checkedConfig(config: Config): Config {
  const faults: string[] = []
  if (config.authSecret && !isLongEnough(config.authSecret)) faults.push('AUTH_SECRET must hold at least 32 bytes')
  if (config.authSecret && config.authJwksUrl) faults.push('AUTH_SECRET and AUTH_JWKS_URL exclude each other; set one')
  if (!config.authSecret && !config.authJwksUrl && !(isLoopback(config.host) && !config.isProduction)) {
    const where = config.isProduction ? 'in production' : `on HOST ${config.host}, which others can reach`
    faults.push(`AUTH_SECRET or AUTH_JWKS_URL is needed ${where}`)
  }
  if (config.metricsPort !== undefined && config.metricsToken === undefined && !isLoopback(config.metricsHost)) {
    faults.push(`METRICS_TOKEN is needed on METRICS_HOST ${config.metricsHost}, which others can reach`)
  }
  if (config.workers > 1 && !config.redisUrl) {
    faults.push(`WORKERS is ${config.workers}; several processes need REDIS_URL, which joins them`)
  }
  if (faults.length > 0) throw new ConfigError(faults.join('\n'))
  return { ...config, dataDir: resolve(config.dataDir) }
}
