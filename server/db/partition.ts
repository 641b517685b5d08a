import { type Kysely, sql, type Transaction } from 'kysely'
import { isFlag, isText, listOf, shaped } from '../lib/checks.ts'
import { type CheckedStatement, readRows } from './checked-rows.ts'

/**
 * Splits the tables by tenant (hash partitions), for installations with many tenants: each partition has smaller indexes, is
 * vacuumed separately, and can be moved. Every key starts with the tenant and every hot statement names it, so each touches one
 * partition (`tests/db/partition.test.ts`). A single tenant gains nothing, and each statement costs slightly more.
 *
 * Runs in one transaction that locks and rewrites each table; names of tables, keys and indexes stay. Tables that are already
 * split are left alone, and so are those with triggers, which partitions would bypass. Grants have to be given again. Returns the
 * names of the tables that were split.
 */
export function partitionByTenant<T>(db: Kysely<T>, partitions: number): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    const tables = await readRows(tx, TABLES)
    const names = tables.map(({ name }) => name)
    if (names.length === 0) return names
    const foreignKeys = await readRows(tx, foreignKeysOf(names))
    for (const { owner, name } of foreignKeys) {
      await sql`alter table ${sql.table(owner)} drop constraint ${sql.ref(name)}`.execute(tx)
    }
    for (const table of tables) await split(tx, table, partitions)
    for (const { owner, name, definition } of foreignKeys) await addConstraint(tx, owner, name, definition)
    return names
  })
}

interface Table {
  name: string
  /** For example `fillfactor=50`. */
  storage: string[]
  indexes: { name: string; isConstraint: boolean; definition: string }[]
}

interface ForeignKey {
  owner: string
  name: string
  definition: string
}

async function split<T>(tx: Transaction<T>, { name, storage, indexes }: Table, partitions: number): Promise<void> {
  const table = sql.table(name)
  const plain = sql.table(`${name}_plain`)
  await sql`alter table ${table} rename to ${plain}`.execute(tx)
  await sql`create table ${table} (like ${plain} including all excluding indexes) partition by hash (tenant_id)`.execute(
    tx,
  )
  const options = storage.length > 0 ? sql.raw(` with (${storage.join(', ')})`) : sql``
  for (let remainder = 0; remainder < partitions; remainder++) {
    await sql`
      create table ${sql.table(`${name}_${remainder}`)} partition of ${table}
      for values with (modulus ${sql.lit(partitions)}, remainder ${sql.lit(remainder)})${options}`.execute(tx)
  }
  await sql`insert into ${table} select * from ${plain}`.execute(tx)
  await sql`drop table ${plain}`.execute(tx)
  for (const index of indexes) {
    if (index.isConstraint) await addConstraint(tx, name, index.name, index.definition)
    else await sql.raw(index.definition).execute(tx)
  }
}

const addConstraint = <T>(tx: Transaction<T>, table: string, name: string, definition: string) =>
  sql`alter table ${sql.table(table)} add constraint ${sql.ref(name)} ${sql.raw(definition)}`.execute(tx)

/** In order of creation: if statistics don't distinguish two indexes, Postgres takes the youngest. */
const TABLES: CheckedStatement<Table> = {
  row: {
    name: isText,
    storage: listOf(isText),
    indexes: listOf(shaped<Table['indexes'][number]>({ name: isText, isConstraint: isFlag, definition: isText })),
  },
  sql: sql`
  select pg_class.relname as name, coalesce(to_jsonb(pg_class.reloptions), '[]') as storage, (
    select coalesce(jsonb_agg(jsonb_build_object(
      'name', index_class.relname,
      'isConstraint', pg_constraint.oid is not null,
      'definition', coalesce(pg_get_constraintdef(pg_constraint.oid), pg_get_indexdef(indexrelid))
    ) order by indexrelid), '[]')
    from pg_index
    join pg_class as index_class on index_class.oid = indexrelid
    left join pg_constraint on conindid = indexrelid and contype in ('p', 'u')
    where indrelid = pg_class.oid
  ) as indexes
  from pg_class
  where relnamespace = current_schema()::regnamespace and relkind = 'r' and not relispartition
    and exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'tenant_id')
    and not exists (select from pg_trigger where tgrelid = pg_class.oid and not tgisinternal)
  order by pg_class.oid`,
}

/** Foreign keys of these tables and to these tables, without the copies that Postgres makes for partitions. */
const foreignKeysOf = (names: string[]): CheckedStatement<ForeignKey> => ({
  row: { owner: isText, name: isText, definition: isText },
  sql: sql`
  select owner.relname as owner, conname as name, pg_get_constraintdef(pg_constraint.oid) as definition
  from pg_constraint
  join pg_class as owner on owner.oid = conrelid
  join pg_class as target on target.oid = confrelid
  where contype = 'f' and conparentid = 0 and connamespace = current_schema()::regnamespace
    and (owner.relname = any(${names}) or target.relname = any(${names}))
  order by pg_constraint.oid`,
})
