import { readFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createApp } from '../server/app.ts'
import {
  ConfigError,
  completeConfig,
  ENVIRONMENT_NAMES,
  isDevelopment,
  isLoopback,
  loadConfig,
} from '../server/config.ts'

const SECRET = 'a secret that holds thirty-two bytes or more'
const JWKS_URL = 'https://id.example.com/.well-known/jwks.json'

/** The faults that the environment is refused for, one a line; none where it is taken. */
function faultsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.split('\n')
  }
}

const example = () => readFile(join(import.meta.dirname, '../.env.example'), 'utf8')

describe('.env.example', () => {
  test('names what the server reads, and nothing else', async () => {
    const names = Object.keys(parseEnv(await example()))
    expect(names.sort()).toEqual([...ENVIRONMENT_NAMES].sort())
  })

  test('explains each name above it', async () => {
    for (const paragraph of (await example()).trim().split('\n\n')) expect(paragraph).toMatch(/^# /)
  })

  test('is what holds without any', async () => {
    expect(loadConfig(parseEnv(await example()))).toEqual(loadConfig({}))
  })
})

describe('the environment', () => {
  test('may be empty: the server then runs for development on this machine', () => {
    const config = loadConfig({})
    expect(config).toEqual({
      port: 3_000,
      host: '127.0.0.1',
      databaseUrl: undefined,
      dataDir: resolve('data'),
      redisUrl: undefined,
      workers: 1,
      authSecret: undefined,
      authJwksUrl: undefined,
      authIssuer: undefined,
      authAudience: undefined,
      allowedOrigins: [],
      trustProxy: [],
      maxConnections: 50_000,
      connectionsPerAddress: 1_000,
      metricsPort: undefined,
      metricsHost: '127.0.0.1',
      metricsToken: undefined,
      logLevel: 'info',
      rateLimit: true,
      isProduction: false,
    })
    expect(isDevelopment(config)).toBe(true)
  })

  test('is read whole', () => {
    const config = loadConfig({
      PORT: '0',
      HOST: '0.0.0.0',
      DATABASE_URL: 'postgresql://confab@db.example.com/confab',
      DATA_DIR: 'elsewhere',
      REDIS_URL: 'rediss://redis.example.com',
      WORKERS: '1',
      AUTH_JWKS_URL: JWKS_URL,
      AUTH_ISSUER: 'https://id.example.com/',
      AUTH_AUDIENCE: 'confab',
      ALLOWED_ORIGINS: 'https://chat.example.com, http://localhost:5173,',
      TRUST_PROXY: '10.0.0.0/8, ::1',
      MAX_CONNECTIONS: '60000',
      CONNECTIONS_PER_ADDRESS: '0',
      METRICS_PORT: '9464',
      METRICS_HOST: '0.0.0.0',
      METRICS_TOKEN: 'sixteen-or-more-characters',
      LOG_LEVEL: 'debug',
      RATE_LIMIT: 'off',
      NODE_ENV: 'production',
      PATH: '/usr/bin',
    })
    expect(config).toEqual({
      port: 0,
      host: '0.0.0.0',
      databaseUrl: 'postgresql://confab@db.example.com/confab',
      dataDir: resolve('elsewhere'),
      redisUrl: 'rediss://redis.example.com',
      workers: 1,
      authSecret: undefined,
      authJwksUrl: JWKS_URL,
      authIssuer: 'https://id.example.com/',
      authAudience: 'confab',
      allowedOrigins: ['https://chat.example.com', 'http://localhost:5173'],
      trustProxy: ['10.0.0.0/8', '::1'],
      maxConnections: 60_000,
      connectionsPerAddress: 0,
      metricsPort: 9_464,
      metricsHost: '0.0.0.0',
      metricsToken: 'sixteen-or-more-characters',
      logLevel: 'debug',
      rateLimit: false,
      isProduction: true,
    })
    expect(isDevelopment(config)).toBe(false)
  })

  test('counts an empty variable as absent', () => {
    const empty = Object.fromEntries(ENVIRONMENT_NAMES.map((name) => [name, '']))
    expect(loadConfig(empty)).toEqual(loadConfig({}))
    expect(faultsOf({ ...empty, NODE_ENV: 'production' })).toHaveLength(1)
  })

  test.each([
    ['PORT', ['http', '-1', '65536', '3000.5', '0x50', ' 3000']],
    ['DATABASE_URL', ['localhost:5432', 'mysql://localhost/confab', 'postgres']],
    ['REDIS_URL', ['localhost:6379', 'http://localhost']],
    ['WORKERS', ['0', '129', 'many', '2']],
    ['AUTH_SECRET', ['short', 'x'.repeat(31)]],
    ['AUTH_JWKS_URL', ['id.example.com', 'file:///etc/keys.json']],
    [
      'ALLOWED_ORIGINS',
      ['*', 'chat.example.com', 'https://chat.example.com/', 'https://a.example.com https://b.example.com'],
    ],
    [
      'TRUST_PROXY',
      ['yes', 'proxy.example.com', '10.0.0.0/33', '0.0.0.0/0', '10.0.0.0/', '::/129', '10.0.0.1 10.0.0.2'],
    ],
    ['CONNECTIONS_PER_ADDRESS', ['-1', 'many']],
    ['METRICS_PORT', ['on', '65536']],
    ['METRICS_TOKEN', ['short', 'sixteen characters and spaces']],
    ['LOG_LEVEL', ['verbose', 'INFO']],
    ['RATE_LIMIT', ['true', 'no']],
  ])('refuses a wrong %s by its name', (name, values) => {
    for (const value of values) expect(faultsOf({ [name]: value }), value).toEqual([expect.stringMatching(`^${name} `)])
  })

  test('is refused with every fault at once, one a line', () => {
    const wrong = {
      PORT: 'http',
      DATABASE_URL: 'localhost',
      REDIS_URL: 'localhost',
      WORKERS: 'many',
      AUTH_SECRET: 'short',
      AUTH_JWKS_URL: 'keys',
      ALLOWED_ORIGINS: '*',
      LOG_LEVEL: 'verbose',
      RATE_LIMIT: 'maybe',
    }
    expect(faultsOf(wrong).map((fault) => fault.split(' ')[0])).toEqual(Object.keys(wrong))
    expect(faultsOf({ NODE_ENV: 'production', WORKERS: '2' })).toEqual([
      expect.stringContaining('AUTH_SECRET or AUTH_JWKS_URL'),
      expect.stringContaining('WORKERS'),
    ])
  })

  test('does not say a secret that it refuses', () => {
    expect(faultsOf({ AUTH_SECRET: 'hunter2' }).join()).not.toContain('hunter2')
    expect(faultsOf({ DATABASE_URL: 'mysql://confab:hunter2@localhost' }).join()).not.toContain('hunter2')
  })
})

describe('who signs tokens', () => {
  test('must be told in production', () => {
    expect(faultsOf({ NODE_ENV: 'production' })).toEqual(['AUTH_SECRET or AUTH_JWKS_URL is needed in production'])
    expect(faultsOf({ NODE_ENV: 'production', AUTH_SECRET: SECRET })).toEqual([])
    expect(faultsOf({ NODE_ENV: 'production', AUTH_JWKS_URL: JWKS_URL })).toEqual([])
  })

  test.each(['0.0.0.0', '::', '192.168.1.20', 'chat.example.com', 'localhost.example.com', '127.0.0.1.example.com'])(
    'must be told where others reach HOST %s',
    (HOST) => {
      expect(faultsOf({ HOST })).toEqual([expect.stringContaining(`needed on HOST ${HOST}`)])
      expect(faultsOf({ HOST, AUTH_SECRET: SECRET })).toEqual([])
      expect(isDevelopment(loadConfig({ HOST, AUTH_SECRET: SECRET }))).toBe(false)
    },
  )

  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1', 'confab.localhost'])(
    'is the server itself on loopback, as %s',
    (HOST) => {
      expect(isLoopback(HOST)).toBe(true)
      expect(isDevelopment(loadConfig({ HOST }))).toBe(true)
    },
  )

  test('is one of the two', () => {
    const both = { AUTH_SECRET: SECRET, AUTH_JWKS_URL: JWKS_URL }
    expect(faultsOf(both)).toEqual([expect.stringMatching(/AUTH_SECRET and AUTH_JWKS_URL/)])
    expect(faultsOf({ ...both, NODE_ENV: 'production' })).toHaveLength(1)
  })

  test('is never the server itself once it was told', () => {
    expect(isDevelopment(loadConfig({ AUTH_SECRET: SECRET }))).toBe(false)
    expect(isDevelopment(loadConfig({ AUTH_JWKS_URL: JWKS_URL }))).toBe(false)
  })
})

describe('metrics', () => {
  test.each(['0.0.0.0', '::', '10.0.0.5', 'node.example.com'])(
    'are for who has a token where others reach METRICS_HOST %s',
    (METRICS_HOST) => {
      const METRICS_PORT = '9464'
      expect(faultsOf({ METRICS_HOST, METRICS_PORT })).toEqual([expect.stringMatching(/^METRICS_TOKEN is needed/)])
      expect(faultsOf({ METRICS_HOST, METRICS_PORT, METRICS_TOKEN: 'x'.repeat(16) })).toEqual([])
      expect(faultsOf({ METRICS_HOST })).toEqual([])
    },
  )
})

describe('a part of a configuration', () => {
  test('is completed as without an environment, and not from this process', () => {
    const config = completeConfig({ port: 8_080 })
    expect(config).toEqual({ ...loadConfig({}), port: 8_080 })
    expect(isAbsolute(config.dataDir)).toBe(true)
  })

  test.each([
    [{ isProduction: true }, 'AUTH_SECRET or AUTH_JWKS_URL'],
    [{ host: '0.0.0.0' }, 'AUTH_SECRET or AUTH_JWKS_URL'],
    [{ authSecret: SECRET, authJwksUrl: JWKS_URL }, 'exclude each other'],
    [{ workers: 4 }, 'WORKERS'],
    [{ authSecret: 'short' }, 'AUTH_SECRET'],
  ])('%j is refused as the environment is, before anything starts', (part, fault) => {
    expect(() => completeConfig(part)).toThrow(fault)
    expect(() => createApp(part)).toThrow(ConfigError)
  })
})

describe('several processes', () => {
  test('need REDIS_URL, and are told so', () => {
    expect(faultsOf({ WORKERS: '2' })).toEqual(['WORKERS is 2; several processes need REDIS_URL, which joins them'])
    expect(loadConfig({ WORKERS: '2', REDIS_URL: 'redis://localhost' })).toMatchObject({ workers: 2 })
  })

  test.each([
    'rediss://:secret@10.0.0.1:6380/2',
    'redis-sentinel://:secret@10.0.0.1:26379,10.0.0.2#chat',
    'redis-cluster://10.0.0.1,10.0.0.2:6380',
    'rediss-cluster://chat:secret@one.example.org:6379',
  ])('may be joined by %s', (redisUrl) => {
    expect(loadConfig({ WORKERS: '2', REDIS_URL: redisUrl })).toMatchObject({ redisUrl })
  })
})
