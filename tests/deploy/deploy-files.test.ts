import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ENVIRONMENT_NAMES } from '../../server/config.ts'
import { CLOSE_CODES } from '../../shared/close-codes.ts'
import { CHAT_ERRORS } from '../../shared/errors.ts'
import { useTestApp } from '../support/test-app.ts'

const PROJECT = join(import.meta.dirname, '../..')
const textOf = (file: string) => readFileSync(join(PROJECT, file), 'utf8')

/** What is caught by the first group, everywhere in a text. */
const allOf = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, found]) => found ?? [])

const server = useTestApp()

/** Every name that a scrape can give, also where nothing has been counted yet. */
async function sampleNames(): Promise<Set<string>> {
  const types = (await server.app.metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)
  const names = [...types].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  )
  return new Set(names)
}

describe.each(['deploy/grafana-dashboard.json', 'deploy/alerts.yml', 'docs/operations.md'])('%s', (file) => {
  test('names metrics that there are', async () => {
    const names = await sampleNames()
    const families = new Set([...names].map((name) => name.replace(/_(bucket|sum|count)$/, '')))
    const named = allOf(textOf(file), /\b((?:confab|nodejs|process)_[a-z0-9_]+)\b/g)
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((name) => !names.has(name) && !families.has(name))).toEqual([])
  })

  test('names reasons and limits that there are', () => {
    const reasons = allOf(textOf(file), /reason!?="(\w+)"/g)
    expect(reasons.filter((reason) => reason !== 'OK' && !(reason in CHAT_ERRORS))).toEqual([])
  })
})

describe('deploy/grafana-dashboard.json', () => {
  test('is a dashboard whose panels lie beside each other', () => {
    const place = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() })
    const panel = z.object({ id: z.number(), title: z.string().min(1), gridPos: place })
    const { panels } = z.object({ panels: z.array(panel) }).parse(JSON.parse(textOf('deploy/grafana-dashboard.json')))
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
  })
})

describe('docs/operations.md', () => {
  test('says what to do for every alert', () => {
    const manual = textOf('docs/operations.md')
    const alerts = allOf(textOf('deploy/alerts.yml'), /- alert: (\w+)/g)
    expect(alerts.length).toBeGreaterThan(5)
    expect(alerts.filter((alert) => !manual.includes(`\`${alert}\``))).toEqual([])
  })

  test('explains every close code', () => {
    const manual = textOf('docs/operations.md')
    expect(Object.values(CLOSE_CODES).filter((code) => !manual.includes(`| ${code} `))).toEqual([])
  })
})

describe('settings', () => {
  test.each([
    ['compose.yaml', /^ {4}([A-Z_]+): /gm],
    ['deploy/confab.service', /^Environment=([A-Z_]+)=/gm],
    ['deploy/prometheus.yml', /^# {3}([A-Z_]+)=/gm],
    ['docs/operations.md', /`([A-Z][A-Z_]*_[A-Z_]+)=/g],
  ])('that %s names are read by the server', (file, pattern) => {
    const names = allOf(textOf(file), pattern)
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !ENVIRONMENT_NAMES.includes(name))).toEqual([])
  })

  test('of PM2 lead to the launcher', () => {
    const app = z.object({ cwd: z.string(), script: z.string(), exec_mode: z.literal('fork') })
    const config = createRequire(import.meta.url)('../../deploy/ecosystem.config.cjs')
    const { apps } = z.object({ apps: z.array(app) }).parse(config)
    for (const { cwd, script } of apps) expect(existsSync(join(cwd, script))).toBe(true)
  })
})

describe('the Dockerfile', () => {
  const dockerfile = textOf('Dockerfile')
  const copied = allOf(dockerfile, /^COPY (?!--from)(.+) \S+$/gm).flatMap((sources) => sources.split(' '))

  test('copies what is there, and what .dockerignore lets through', () => {
    const allowed = allOf(textOf('.dockerignore'), /^!(.+)$/gm)
    expect(copied.length).toBeGreaterThan(5)
    expect(copied.filter((source) => !existsSync(join(PROJECT, source)))).toEqual([])
    expect(copied.filter((source) => !allowed.includes(source))).toEqual([])
  })

  test('runs Node itself as an ordinary user, on an image that is new enough', () => {
    expect(dockerfile).toMatch(/^USER node$/m)
    expect(dockerfile).toMatch(/^CMD \["node", "server\/launch\.js"\]$/m)
    const { engines } = z.object({ engines: z.object({ node: z.string() }) }).parse(JSON.parse(textOf('package.json')))
    const least = Number(engines.node.replace('>=', ''))
    expect(Number(allOf(dockerfile, /^ARG NODE_IMAGE=node:(\d+)/gm)[0])).toBeGreaterThanOrEqual(least)
  })
})

describe('compose.yaml', () => {
  const services = allOf(textOf('compose.yaml'), /^ {2}([a-z][\w-]*):/gm)

  test('has every node that nginx leads to', () => {
    const nodes = allOf(textOf('deploy/nginx.conf'), /^\s+server ([\w-]+):3000/gm)
    expect(nodes).toHaveLength(2)
    expect(nodes.filter((node) => !services.includes(node))).toEqual([])
  })

  test('trusts the network that nginx is in', () => {
    const [network] = allOf(textOf('compose.yaml'), /subnet: (\S+) \}/g)
    expect(network).toBeDefined()
    expect(allOf(textOf('compose.yaml'), /TRUST_PROXY: (\S+)/g)).toEqual([network])
  })
})
