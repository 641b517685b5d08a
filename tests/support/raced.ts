import { Client } from 'pg'

/** Holds the room's lock until all calls wait for it, in this order, and lets go. */
export async function raced(
  databaseUrl: string,
  roomId: string,
  ...calls: (() => Promise<unknown>)[]
): Promise<PromiseSettledResult<unknown>[]> {
  const blocker = new Client({ connectionString: databaseUrl })
  await blocker.connect()
  try {
    await blocker.query('begin')
    // As strong as a change of the room, and no stronger: what only refers to the room in the background does not wait and is not counted.
    await blocker.query('select 1 from rooms where id = $1 for no key update', [roomId])
    const started: Promise<unknown>[] = []
    for (const call of calls) {
      started.push(start(call))
      await waiting(blocker, started.length)
    }
    await blocker.query('commit')
    return await Promise.allSettled(started)
  } finally {
    await blocker.end()
  }
}

function start(work: () => Promise<unknown>): Promise<unknown> {
  const started = work()
  started.catch(() => undefined)
  return started
}

/** Resolves when so many sessions of this database wait for a lock. */
async function waiting(client: Client, count: number): Promise<void> {
  const text = `select count(*)::int as waiting from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  const now = async () => {
    // Within a transaction the list of sessions is read once, and would lack those that come later.
    await client.query('select pg_stat_clear_snapshot()')
    return (await client.query<{ waiting: number }>(text)).rows[0]?.waiting
  }
  while ((await now()) !== count) await Promise.resolve()
}
