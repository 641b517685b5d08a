import { Client } from 'pg'
import { type Statement, statementOf } from '../../bench/peers/statement-watch.ts'

/** Whether it reads: neither a row to insert, nor the beginning or end of a transaction. */
const isQuery = ({ text }: Statement) => /^\s*(select|with|update|delete)\b/i.test(text)

/** What this process asks Postgres while `call` runs, whoever asks; each text once, with the values of the last time. */
export async function watchedStatements(call: () => Promise<unknown>): Promise<Statement[]> {
  const statements = (await statementsByConnection(call)).flat().filter(isQuery)
  return [...new Map(statements.map((statement) => [statement.text, statement])).values()]
}

/** What each connection of this process asks while `call` runs, in order. */
export async function statementsByConnection(call: () => Promise<unknown>): Promise<Statement[][]> {
  const query: unknown = Reflect.get(Client.prototype, 'query')
  if (typeof query !== 'function') throw new Error('pg has no query')
  const seen = new Map<Client, Statement[]>()
  Reflect.set(Client.prototype, 'query', function watched(this: Client, ...args: unknown[]): unknown {
    const statement = statementOf(args)
    if (statement) seen.set(this, [...(seen.get(this) ?? []), statement])
    return Reflect.apply(query, this, args)
  })
  try {
    await call()
  } finally {
    Reflect.set(Client.prototype, 'query', query)
  }
  return [...seen.values()]
}
