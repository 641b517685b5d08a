// Builds the page after an install. An install without the development dependencies has nothing to build it with, and needs no page.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const isInstalled = (name) => {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch {
    return false
  }
}

if (isInstalled('vite') && isInstalled('preact')) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  process.exit(status ?? 1)
}
