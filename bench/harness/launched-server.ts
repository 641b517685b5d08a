import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { SignJWT } from 'jose'

const LAUNCHER = join(import.meta.dirname, '../../server/launch.js')
const SECRET = randomBytes(32).toString('hex')

/** A server as `npm start` runs it, without rate limits. */
export interface LaunchedServer extends AsyncDisposable {
  url: string
  pid: number
}

export const tokenOf = (user: string, tenant?: string): Promise<string> =>
  new SignJWT(tenant === undefined ? {} : { tenant })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET))

/** REDIS_URL, which measurements of several nodes need. */
export function givenRedisUrl(): string {
  const url = process.env['REDIS_URL']
  if (!url) throw new Error('Unable to measure; set REDIS_URL')
  return url
}

export async function launchServer(settings: Record<string, string>): Promise<LaunchedServer> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [LAUNCHER], {
    env: {
      PATH,
      HOME,
      PORT: '0',
      LOG_LEVEL: 'fatal',
      DATA_DIR: '/nonexistent',
      AUTH_SECRET: SECRET,
      RATE_LIMIT: 'off',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(child, 'exit')
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.stdout.on('data', (text: Buffer) => {
    const url = /ready at (\S+)/.exec(text.toString())?.[1]
    if (url) resolve(url)
  })
  void gone.then(() => reject(new Error('A server ended before it was ready')))
  return {
    url: await promise,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await gone
    },
  }
}
