import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, type QueryResultRow } from 'pg'
import { pino } from 'pino'
import { parseAst } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../server/app.ts'
import { completeConfig } from '../../server/config.ts'
import { Database } from '../../server/db/database.ts'
import { MigrationError } from '../../server/db/migrate.ts'
import { createPool } from '../../server/db/pool.ts'
import { MEMBER_ROLES } from '../../shared/permissions.ts'
import { createEmptyDatabase, type TestDatabase } from '../support/test-database.ts'

const PROJECT = join(import.meta.dirname, '../..')
const migrations = (await readdir(join(PROJECT, 'migrations'))).map((file) => file.replace(/\.ts$/, '')).sort()

const databases: TestDatabase[] = []
const opened: Database[] = []

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createEmptyDatabase()
  databases.push(database)
  return database
}

/** A server's connection to this database, as the server itself makes it. */
function connect({ url }: TestDatabase): Database {
  const database = new Database(completeConfig({ databaseUrl: url }), pino({ level: 'silent' }))
  opened.push(database)
  return database
}

async function ask<T extends QueryResultRow>({ url }: TestDatabase, statement: string): Promise<T[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<T>(statement)).rows
  } finally {
    await client.end()
  }
}

afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()))
  await Promise.all(databases.map((database) => database.drop()))
})

/*
 * A column is described by one line, `rooms.name: string | null`, or `rooms.seq: number, with a default`, on both sides. Text that
 * is one of a few words is described by these words.
 */
describe('the types that Kysely has', () => {
  let inDatabase: string[]
  let inTypes: string[]

  beforeAll(async () => {
    const database = await emptyDatabase()
    await connect(database).open()
    inDatabase = await columnsOfDatabase(database)
    inTypes = await columnsOfTypes()
  })

  test('name what is in the database, and nothing else', () => {
    expect(inTypes).toEqual(inDatabase)
  })

  test('describe every table of the migrations', () => {
    const tables = new Set(inDatabase.map((column) => column.split('.')[0]))
    expect([...tables]).toEqual(expect.arrayContaining(['users', 'rooms', 'members', 'messages', 'message_versions']))
  })
})

const FAMILIES: Record<string, string> = {
  text: 'string',
  uuid: 'string',
  int4: 'number',
  int8: 'number',
  bool: 'boolean',
  timestamptz: 'Date',
  bytea: 'Buffer',
  _text: 'string[]',
  jsonb: 'Json',
  tsvector: 'string',
}

interface Column {
  table: string
  name: string
  type: string
  is_nullable: boolean
  has_default: boolean
  /** What a check allows, if it is a list of words. */
  words: string | null
}

async function columnsOfDatabase(database: TestDatabase): Promise<string[]> {
  const columns = await ask<Column>(
    database,
    `select columns.table_name as table, columns.column_name as name, udt_name as type,
       is_nullable = 'YES' as is_nullable, column_default is not null as has_default,
       (select pg_get_constraintdef(pg_constraint.oid) from pg_constraint
        join pg_attribute on attrelid = conrelid and attnum = conkey[1]
        where contype = 'c' and cardinality(conkey) = 1 and conrelid = columns.table_name::regclass
          and attname = columns.column_name and pg_get_constraintdef(pg_constraint.oid) like '%ARRAY[%') as words
     from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name not like 'kysely\\_%'`,
  )
  return columns
    .map(({ table, name, type, is_nullable: isNullable, has_default: hasDefault, words }) =>
      describeColumn(table, name, words ? wordsOf(words) : (FAMILIES[type] ?? type), { isNullable, hasDefault }),
    )
    .sort()
}

const describeColumn = (
  table: string,
  name: string,
  type: string,
  { isNullable, hasDefault }: { isNullable: boolean; hasDefault: boolean },
) => `${table}.${name}: ${type}${isNullable ? ' | null' : ''}${hasDefault ? ', with a default' : ''}`

/** The quoted words of a text, in order of the alphabet. */
const wordsOf = (text: string): string =>
  [...text.matchAll(/'(\w+)'/g)]
    .map((match) => `'${match[1]}'`)
    .sort()
    .join(' | ')

async function columnsOfTypes(): Promise<string[]> {
  const { interfaces } = await declarationsOf('server/db/schema.ts')
  const words = await wordTypes()
  const columns = [...(interfaces.get('Tables') ?? [])].flatMap(([table, name]) =>
    [...(interfaces.get(name) ?? [])].map(([column, type]) => {
      const json = /^Json<.+>$/.test(type)
      const nullableJson = /^NullableJson<.+>$/.test(type)
      const generated = /^Generated<(.+)>$/.exec(type)?.[1]
      const [plain = '', ...others] = (generated ?? type).split(' | ')
      const isNullable = others.includes('null') || nullableJson
      const family = json || nullableJson ? 'Json' : (words.get(plain) ?? plain)
      return describeColumn(table, column, family, { isNullable, hasDefault: json || generated !== undefined })
    }),
  )
  return columns.sort()
}

/** The types of shared/ that are a choice of words. */
async function wordTypes(): Promise<Map<string, string>> {
  const files = (await readdir(join(PROJECT, 'shared'))).map((file) => `shared/${file}`)
  const declarations = await Promise.all(files.map(declarationsOf))
  const choices = declarations
    .flatMap(({ aliases }) => aliases.entries().toArray())
    .filter(([, text]) => /^('\w+'[\s|]*)+$/.test(text))
  const roles = MEMBER_ROLES.map((role) => `'${role}'`).join()
  return new Map([...choices, ['MemberRole', roles] as const].map(([name, text]) => [name, wordsOf(text)]))
}

interface Declarations {
  /** The text of each field's type, by interface and field. */
  interfaces: Map<string, Map<string, string>>
  aliases: Map<string, string>
}

async function declarationsOf(file: string): Promise<Declarations> {
  const source = await readFile(join(PROJECT, file), 'utf8')
  const found: Declarations = { interfaces: new Map(), aliases: new Map() }
  for (const statement of parseAst(source, { lang: 'ts' }).body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declaration?.type === 'TSTypeAliasDeclaration') {
      const { start, end } = declaration.typeAnnotation
      found.aliases.set(declaration.id.name, source.slice(start, end))
    }
    if (declaration?.type !== 'TSInterfaceDeclaration') continue
    const fields = declaration.body.body.flatMap((field): [string, string][] => {
      if (field.type !== 'TSPropertySignature' || field.key.type !== 'Identifier' || !field.typeAnnotation) return []
      const { start, end } = field.typeAnnotation.typeAnnotation
      return [[field.key.name, source.slice(start, end)]]
    })
    found.interfaces.set(declaration.id.name, new Map(fields))
  }
  return found
}

describe('what a row holds', () => {
  test('a bigint is a number, and one that a number can not hold is an error', async () => {
    const pool = createPool({ connectionString: (await emptyDatabase()).url }, () => undefined)
    try {
      const { rows } = await pool.query('select 9007199254740991::bigint as seq, array[1]::bigint[] as seqs')
      expect(rows).toEqual([{ seq: Number.MAX_SAFE_INTEGER, seqs: expect.anything() }])
      await expect(pool.query('select 9007199254740992::bigint')).rejects.toThrow('beyond 2^53')
    } finally {
      await pool.end()
    }
  })
})

describe('migrations', () => {
  test('servers that start at once on an empty database migrate it once', async () => {
    const database = await emptyDatabase()
    const steps = await Promise.all([1, 2, 3].map(() => connect(database).migrate()))
    expect(steps.flat().sort()).toEqual(migrations)
    expect(steps.filter((taken) => taken.length === 0)).toHaveLength(2)
    const applied = await ask<{ name: string }>(database, 'select name from kysely_migration order by name')
    expect(applied.map((row) => row.name)).toEqual(migrations)
  })

  test('jobs can be asked for by whoever migrated, before any server runs them', async () => {
    const database = await emptyDatabase()
    await connect(database).migrate()
    await ask(database, `select graphile_worker.add_job('send-scheduled', '{}')`)
    expect(await ask(database, 'select task_identifier from graphile_worker.jobs')).toEqual([
      { task_identifier: 'send-scheduled' },
    ])
  })

  test('a second start takes no step', async () => {
    const database = await emptyDatabase()
    expect(await connect(database).migrate()).toEqual(migrations)
    expect(await connect(database).migrate()).toEqual([])
  })

  describe('a database that is newer than the code', () => {
    let database: TestDatabase

    beforeAll(async () => {
      database = await emptyDatabase()
      await connect(database).open()
      await ask(database, `insert into kysely_migration values ('9998-reactions', now()::text)`)
      await ask(database, `insert into kysely_migration values ('9999-threads', now()::text)`)
    })

    test('is refused by the names of what the code lacks', async () => {
      const refusal = await connect(database)
        .migrate()
        .catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(MigrationError)
      expect(refusal).toHaveProperty(
        'message',
        expect.stringMatching(/newer than the code.*9998-reactions, 9999-threads/),
      )
    })

    test('keeps a server from starting, and stays as it is', async () => {
      const app = createApp({ databaseUrl: database.url, port: 0, logLevel: 'silent' })
      await expect(app.start()).rejects.toThrow('9999-threads')
      await app.stop()
      const applied = await ask<{ name: string }>(database, 'select name from kysely_migration order by name')
      expect(applied.map((row) => row.name)).toEqual([...migrations, '9998-reactions', '9999-threads'])
    })
  })

  test('a database that holds something else is left as it was, and the step that failed is named', async () => {
    const database = await emptyDatabase()
    await ask(database, 'create table messages (id integer)')
    await expect(connect(database).migrate()).rejects.toThrow(/^Unable to migrate; 0001-/)
    const tables = await ask<{ name: string }>(
      database,
      `select table_name as name from information_schema.tables
       where table_schema = current_schema() and table_name not like 'kysely\\_%'`,
    )
    expect(tables).toEqual([{ name: 'messages' }])
  })
})
