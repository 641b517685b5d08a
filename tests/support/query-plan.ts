import { type Client, escapeLiteral } from 'pg'
import type { Statement } from '../../bench/peers/statement-watch.ts'

/** A node of a plan as `explain (format json)` gives it. */
export interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  /** Only of one that was run. */
  'Actual Loops'?: number
  Plans?: PlanNode[]
}

/** A plan's nodes, each before those below it. */
export const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]

/**
 * The nodes of a statement's plan as the server has it, which `isRun` runs and takes back. One with a name is one of the writer's, which
 * Postgres plans once without its values: `explain` alone would put them in, and plan something else.
 */
export async function planOf(
  client: Client,
  { name, text, values }: Statement,
  { isRun }: { isRun: boolean },
): Promise<PlanNode[]> {
  await client.query('begin')
  try {
    if (name !== undefined) {
      await client.query('set local enable_seqscan = off; set local plan_cache_mode = force_generic_plan')
    }
    await client.query(`prepare explained as ${text}`)
    const parameters = values.length > 0 ? `(${values.map(literal).join(', ')})` : ''
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `explain (analyze ${isRun}, format json) execute explained${parameters}`,
    )
    const plan = rows[0]?.['QUERY PLAN'][0].Plan
    return plan ? nodesOf(plan) : []
  } finally {
    await client.query('rollback')
    await client.query('deallocate all')
  }
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return escapeLiteral(`{${value.map(element).join(',')}}`)
  return escapeLiteral(textOf(value))
}

const element = (value: unknown) => (value === null ? 'null' : `"${textOf(value).replace(/["\\]/g, '\\$&')}"`)

function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`
  return value instanceof Date ? value.toISOString() : String(value)
}
