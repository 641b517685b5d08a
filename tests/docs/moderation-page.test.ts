import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  AUDIT_ACTIONS,
  CHAT_ERRORS,
  LIMITS,
  MEMBER_ROLES,
  mayRole,
  PERMISSIONS,
  REPORT_ACTIONS,
} from '../../shared/index.ts'
import { procedures } from '../rpc/call-by-path.ts'

const byText = (a: string, b: string) => a.localeCompare(b)

describe('docs/moderation.md', () => {
  let page = ''
  /** Of each row that begins with code: that code, and the other cells. */
  let rows: (readonly [string, string[]])[] = []

  beforeAll(async () => {
    page = await readFile(join(import.meta.dirname, '../../docs/moderation.md'), 'utf8')
    rows = page.split('\n').flatMap((line) => {
      const [first = '', ...rest] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      return first.startsWith('`') ? [[first.slice(1, -1), rest] as const] : []
    })
  })

  test('has the table of rights as the server decides by it', () => {
    const inPage = rows.flatMap(([right, [, ...marks]]) =>
      marks.length === MEMBER_ROLES.length ? [[right, marks.map((mark) => mark === '✓')] as const] : [],
    )
    const rights = Object.keys(PERMISSIONS).filter((key): key is keyof typeof PERMISSIONS => key in PERMISSIONS)
    expect(Object.fromEntries(inPage)).toEqual(
      Object.fromEntries(rights.map((right) => [right, MEMBER_ROLES.map((role) => mayRole(role, right))])),
    )
  })

  test('names every act on a report', () => {
    const acts: readonly string[] = REPORT_ACTIONS
    expect(rows.map(([name]) => name).filter((name) => acts.includes(name))).toEqual(acts)
  })

  test('names every act of the audit log', () => {
    const section = page.split(/^## /m).find((part) => part.startsWith('The audit log')) ?? ''
    const named = section
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .flatMap((line) =>
        [...(line.split('|')[1] ?? '').matchAll(/`([a-zA-Z]+\.[a-zA-Z]+)`/g)].map(([, name = '']) => name),
      )
    expect(named.toSorted(byText)).toEqual(AUDIT_ACTIONS.toSorted(byText))
  })

  test('names only procedures, reasons and bounds that there are', () => {
    const spoken = [...page.matchAll(/`([a-z]\w*\.[a-zA-Z]+)(?: \{[^`]*\})?`/g)].map(([, name = '']) => name)
    expect(spoken.length).toBeGreaterThan(20)
    expect(spoken.filter((name) => !(name in procedures) && !(name in PERMISSIONS))).toEqual([])
    const reasons = [...page.matchAll(/\(`([A-Z_]+)`\)/g)].map(([, reason = '']) => reason)
    expect(reasons.length).toBeGreaterThan(5)
    expect(reasons.filter((reason) => !(reason in CHAT_ERRORS))).toEqual([])
    const count = (number: number) => number.toLocaleString('en-US')
    expect(page).toContain(`up to ${count(LIMITS.filterWords)} words, of which ${count(LIMITS.filterWildcards)} may`)
  })
})
