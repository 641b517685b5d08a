// Makes dist/, which is all that the package holds: JavaScript with declarations, the migrations and the built page. No TypeScript
// sources: Node does not strip types inside node_modules, and sources beside declarations would be checked by every consumer.
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const run = (command, ...args) => {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (status !== 0) process.exit(status ?? 1)
}

rmSync('dist', { recursive: true, force: true })
run('tsc', '-p', 'tsconfig.build.json')
run('vite', 'build', 'web', '--outDir', '../dist/web/dist', '--emptyOutDir', '--logLevel', 'warn')
writeFileSync('dist/server/launch.js', readFileSync('server/launch.js', 'utf8').replace('./main.ts', './main.js'))
chmodSync('dist/server/launch.js', 0o755)
