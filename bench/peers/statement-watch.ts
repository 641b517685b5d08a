import { Client } from 'pg'

/** What this process sends to Postgres. */
export interface StatementWatch {
  /** How often each kind of statement ran since the last call. */
  take(): Record<string, number>
  /** The plan of the last statement that read a page of messages, node by node. */
  explainLastRead(): Promise<string[]>
}

export interface Statement {
  /** Of one that each connection prepares once. */
  name?: string | undefined
  text: string
  values: unknown[]
}

/** Listens to every query of `pg` in this process, whoever makes it. Call it once, before the first connection. */
export function watchStatements(databaseUrl: string): StatementWatch {
  const original: unknown = Reflect.get(Client.prototype, 'query')
  if (typeof original !== 'function') throw new Error('Unable to watch statements; pg has no query')
  const query = original
  let counts: Record<string, number> = {}
  let lastRead: Statement | undefined
  let isExplaining = false

  const note = (statement: Statement) => {
    const kind = kindOf(statement.text)
    counts[kind] = (counts[kind] ?? 0) + 1
    if (kind === 'reads of messages' && !isExplaining) lastRead = statement
  }

  function watched(this: Client, ...args: unknown[]): unknown {
    const statement = statementOf(args)
    if (statement) note(statement)
    return Reflect.apply(query, this, args)
  }
  Reflect.set(Client.prototype, 'query', watched)

  return {
    take() {
      const taken = counts
      counts = {}
      return taken
    },
    async explainLastRead() {
      if (!lastRead) return []
      const client = new Client({ connectionString: databaseUrl })
      isExplaining = true
      try {
        await client.connect()
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(
          `explain (costs off) ${lastRead.text}`,
          lastRead.values,
        )
        return rows.map((row) => row['QUERY PLAN'])
      } finally {
        isExplaining = false
        await client.end()
      }
    },
  }
}

/** The arguments of `client.query`, in the forms in which `pg` takes them. */
export function statementOf([first, second]: unknown[]): Statement | undefined {
  const valuesOf = (values: unknown): unknown[] => (Array.isArray(values) ? values : [])
  if (typeof first === 'string') return { text: first, values: valuesOf(second) }
  if (typeof first !== 'object' || first === null || !('text' in first) || typeof first.text !== 'string')
    return undefined
  const name = 'name' in first && typeof first.name === 'string' ? first.name : undefined
  return { name, text: first.text, values: valuesOf('values' in first ? first.values : second) }
}

function kindOf(text: string): string {
  if (/^\s*(begin|start|commit|rollback|set|savepoint)\b/i.test(text)) return 'transaction control'
  if (/\b(insert into|update|delete from)\b/i.test(text)) return 'writes'
  if (/\bmessages"?\b/.test(text)) return /changed_seq"? ?>/.test(text) ? 'log reads' : 'reads of messages'
  if (/\bmembers"?\b/.test(text)) return 'reads of members'
  return 'other reads'
}
