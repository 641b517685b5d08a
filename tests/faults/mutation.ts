import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Client } from 'pg'

/** A text of the server's source and what stands in its place. */
export interface SourcePatch {
  /** From the repository's root. */
  file: string
  from: string
  to: string
}

/** Something that the server relies on, switched off: the harness must notice. */
export interface Mutation {
  /** Under which faults it must show. */
  faults: string[]
  patch?: SourcePatch
  sql?: string
}

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'gap-filling': {
    faults: ['break-redis-link', 'kill-redis'],
    patch: { file: 'server/log/live/room-feed.ts', from: 'void this.#fill()', to: '' },
  },
  reconcile: {
    faults: ['redis-off'],
    patch: { file: 'server/lib/reconciler.ts', from: 'await part.reconcile(signal)', to: '' },
  },
  'unique-key': {
    faults: ['slow-postgres-link'],
    // The look-up of what was sent before keeps an index.
    sql: `alter table messages drop constraint messages_client_id;
      create index messages_client_id on messages (tenant_id, sender_id, client_id, room_id)`,
  },
  'rights-after-lock': {
    faults: ['slow-postgres-link'],
    // Without the lock, the member's row is as it was before the wait for the room.
    patch: {
      file: 'server/message/send-fragments.ts',
      from: 'and room_id = wanted.room_id and user_id = wanted.sender_id\n    for no key update',
      to: 'and room_id = wanted.room_id and user_id = wanted.sender_id',
    },
  },
}

interface PreparedMutation {
  /** Modules that every process of the server loads first. */
  imports: string[]
  env: Record<string, string>
  changeDatabase(url: string): Promise<void>
}

/** No change of the server's own files: sources are patched as they are loaded, the database is this run's own. */
export function prepareMutation(name: string | undefined): PreparedMutation {
  const { patch, sql } = name === undefined ? {} : (MUTATIONS[name] ?? {})
  return {
    imports: patch ? [pathToFileURL(join(import.meta.dirname, 'patched-source.ts')).href] : [],
    env: patch ? { PATCHED_SOURCE: JSON.stringify(patch) } : {},
    changeDatabase: async (url) => {
      if (sql) await run(url, sql)
    },
  }
}

async function run(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
