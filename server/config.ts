import { resolve } from 'node:path'
import { z } from 'zod'

/** What the server is told from outside. `createApp` takes any part of it; the rest is as without an environment. */
export interface Config {
  port: number
  host: string
  /** Any Postgres from version 15 on; without it the embedded one runs in `dataDir`. */
  databaseUrl: string | undefined
  dataDir: string
  redisUrl: string | undefined
  workers: number
  /** A shared secret of at least 32 bytes, for HS256. */
  authSecret: string | undefined
  /** Where the public keys of the token issuer are. */
  authJwksUrl: string | undefined
  authIssuer: string | undefined
  authAudience: string | undefined
  /** Origins of pages that may connect, besides the server's own. */
  allowedOrigins: string[]
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  rateLimit: boolean
  isProduction: boolean
}

/** The environment can't be used; the message names every fault, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const url = (...schemes: string[]) =>
  z
    .string()
    .refine((text) => schemes.includes(URL.parse(text)?.protocol ?? ''), `must be a ${schemes.join(' or ')} URL`)

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`)

const origins = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((origin) => origin.trim())
      .filter(Boolean),
  )
  .refine(
    (list) => list.every((origin) => URL.parse(origin)?.origin === origin),
    'must be origins such as https://chat.example.com, separated by commas',
  )

const isLongEnough = (secret: string) => Buffer.byteLength(secret) >= 32

const environment = z.object({
  PORT: wholeNumber(0, 65_535).default(3_000),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  DATA_DIR: z.string().default('./data'),
  REDIS_URL: url('redis:', 'rediss:').optional(),
  WORKERS: wholeNumber(1, 128).default(1),
  AUTH_SECRET: z.string().refine(isLongEnough, 'must hold at least 32 bytes').optional(),
  AUTH_JWKS_URL: url('https:', 'http:').optional(),
  AUTH_ISSUER: z.string().optional(),
  AUTH_AUDIENCE: z.string().optional(),
  ALLOWED_ORIGINS: origins.default([]),
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
    logLevel: data.LOG_LEVEL,
    rateLimit: data.RATE_LIMIT === 'on',
    isProduction: data.NODE_ENV === 'production',
  }
}

/** A whole Config from any part of one. @throws {ConfigError} */
export function completeConfig(part: Partial<Config>): Config {
  // What is production is the environment's to say, whoever builds the app.
  return checkedConfig({ ...parseEnvironment({}), isProduction: process.env['NODE_ENV'] === 'production', ...part })
}

/** Whether tokens are signed with a secret that the server makes for itself: on one's own machine only. */
export const isDevelopment = (config: Config): boolean =>
  !config.isProduction && !config.authSecret && !config.authJwksUrl && isLoopback(config.host)

/** A name or address that only this machine reaches. */
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
  if (config.workers > 1) faults.push(`WORKERS is ${config.workers}; this version runs one process`)
  if (faults.length > 0) throw new ConfigError(faults.join('\n'))
  return { ...config, dataDir: resolve(config.dataDir) }
}
