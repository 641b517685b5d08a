import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

const CONFIG = join(import.meta.dirname, '../../deploy/nginx.conf')

/** Whether there is an nginx on this machine. */
export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).status === 0

export interface RunningNginx {
  url: string
  accessLog(): Promise<string>
  stop(): Promise<void>
}

/** An nginx of one's own with deploy/nginx.conf, in front of these nodes instead of those that it names. */
export async function startNginx(nodes: { url: string }[]): Promise<RunningNginx> {
  const prefix = await mkdtemp(join(tmpdir(), 'confab-nginx-'))
  const port = await freePort()
  const config = join(prefix, 'nginx.conf')
  await writeFile(config, onLoopback(await readFile(CONFIG, 'utf8'), { nodes, port, prefix }))
  const nginx = spawn('nginx', ['-p', prefix, '-c', config, '-e', join(prefix, 'error.log'), '-g', 'daemon off;'])
  const gone = once(nginx, 'exit')
  const log = (name: string) => readFile(join(prefix, name), 'utf8').catch(() => '')
  await answers(nginx, port).catch(async (cause: unknown) => {
    throw new Error(`nginx did not start:\n${await log('error.log')}`, { cause })
  })
  return {
    url: `http://127.0.0.1:${port}`,
    accessLog: () => log('access.log'),
    stop: async () => {
      nginx.kill('SIGTERM')
      await gone
      await rm(prefix, { recursive: true, force: true })
    },
  }
}

interface Place {
  nodes: { url: string }[]
  port: number
  prefix: string
}

/** The same configuration with other addresses and paths. @throws where it has none of what is replaced */
function onLoopback(text: string, { nodes, port, prefix }: Place): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const paths = temporary.map((kind) => `${kind}_temp_path ${prefix}/${kind};`).join('\n')
  const replacements: [string, string][] = [
    ['http {', `http {\n${paths}`],
    ['events {', `pid ${prefix}/nginx.pid;\n${process.getuid?.() === 0 ? 'user root;' : ''}\nevents {`],
    ['access_log /dev/stdout', `access_log ${prefix}/access.log`],
    ['include mime.types;', ''],
    ['listen 80;', `listen 127.0.0.1:${port};`],
    ...nodes.map(({ url }, index): [string, string] => [`confab-${index + 1}:3000`, new URL(url).host]),
  ]
  return replacements.reduce((config, [from, to]) => {
    if (!config.includes(from)) throw new Error(`deploy/nginx.conf does not say "${from}"`)
    return config.replace(from, to)
  }, text)
}

/** Resolves when the port takes connections, rejects when the process ends first. */
async function answers(nginx: ChildProcess, port: number): Promise<void> {
  while (nginx.exitCode === null) {
    const socket = connect(port, '127.0.0.1')
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isThere) return
  }
  throw new Error(`nginx ended with ${nginx.exitCode}`)
}
