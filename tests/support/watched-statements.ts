import { Client } from 'pg'

export interface Statement {
  /** Of one that each connection prepares once. */
  name: string | undefined
  text: string
  values: unknown[]
}

/** Whether it reads: neither a row to insert, nor the beginning or end of a transaction. */
const isQuery = ({ text }: Statement) => /^\s*(select|with|update|delete)\b/i.test(text)

/** What this process asks Postgres while `call` runs, whoever asks; each text once, with the values of the last time. */
export async function watchedStatements(call: () => Promise<unknown>): Promise<Statement[]> {
  const query: unknown = Reflect.get(Client.prototype, 'query')
  if (typeof query !== 'function') throw new Error('pg has no query')
  const seen = new Map<string, Statement>()
  Reflect.set(Client.prototype, 'query', function watched(this: Client, ...args: unknown[]): unknown {
    const statement = statementOf(args)
    if (statement && isQuery(statement)) seen.set(statement.text, statement)
    return Reflect.apply(query, this, args)
  })
  try {
    await call()
  } finally {
    Reflect.set(Client.prototype, 'query', query)
  }
  return [...seen.values()]
}

function statementOf([first, second]: unknown[]): Statement | undefined {
  if (typeof first === 'string') return { name: undefined, text: first, values: Array.isArray(second) ? second : [] }
  if (typeof first !== 'object' || first === null || !('text' in first) || typeof first.text !== 'string')
    return undefined
  const values = 'values' in first && Array.isArray(first.values) ? first.values : Array.isArray(second) ? second : []
  return { name: 'name' in first && typeof first.name === 'string' ? first.name : undefined, text: first.text, values }
}
