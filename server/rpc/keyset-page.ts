import { type Expression, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import type { Page, Paging } from '../../shared/page.ts'
import { CURSOR_KINDS, type CursorKey, type CursorKind, type CursorSigner } from './cursor.ts'

/** A list that is paged by the key of its items. */
export interface Keyset<K extends readonly CursorKind[]> {
  /** Names the list: which one, of whom, in which room, by which filter. A cursor is taken back for the same scope alone. */
  scope: string
  /** What a cursor holds: the parts of an item's key, in the order by which the list is sorted. */
  kinds: K
}

/** One column, or expression, for each part of the key. */
type ColumnsOf<K extends readonly CursorKind[]> = { readonly [I in keyof K]: string | Expression<unknown> }

/** The key of a row. A date counts in milliseconds: the column it comes from must be compared in milliseconds too. */
type RowKey<K extends readonly CursorKind[]> = {
  readonly [I in keyof K]: K[I] extends 'time' ? Date | number : CursorKey<K>[I]
}

/** Where a page begins, and how a page is made of the rows that follow. */
export class KeysetPage<const K extends readonly CursorKind[]> {
  /** How many rows to read: one more than the page has, which tells whether there is a next page. */
  readonly take: number
  /** The key of the last item before the page; undefined for the first page. */
  readonly after: CursorKey<K> | undefined
  readonly #cursors: CursorSigner
  readonly #keyset: Keyset<K>
  readonly #limit: number

  constructor(
    cursors: CursorSigner,
    keyset: Keyset<K>,
    { after, limit }: { after: CursorKey<K> | undefined; limit: number },
  ) {
    this.after = after
    this.take = limit + 1
    this.#cursors = cursors
    this.#keyset = keyset
    this.#limit = limit
  }

  /** The query in the list's order, from where the page begins. */
  select<DB, TB extends keyof DB, O>(
    query: SelectQueryBuilder<DB, TB, O>,
    columns: ColumnsOf<K>,
    order: 'asc' | 'desc' = 'asc',
  ): SelectQueryBuilder<DB, TB, O> {
    const keys = columns.map((column) => (typeof column === 'string' ? sql.ref(column) : column))
    let page = query.limit(this.take)
    for (const key of keys) page = page.orderBy(key, order)
    if (this.after === undefined) return page
    const bound = this.after.map((part, index) => CURSOR_KINDS[this.#keyset.kinds[index] ?? 'text'].bind(part))
    const isAfter = sql<SqlBool>`(${sql.join(keys)}) ${sql.raw(order === 'asc' ? '>' : '<')} (${sql.join(bound)})`
    return page.where(isAfter)
  }

  /** The page of at most `take` rows that the query gave. */
  of<Row, Item>(
    rows: readonly Row[],
    { key, item }: { key: (row: Row) => RowKey<K>; item: (row: Row) => Item },
  ): Page<Item> {
    const { items, nextCursor } = this.rowsOf(rows, key)
    return { items: items.map(item), nextCursor }
  }

  /** As `of`, for rows that become items together, in their order. */
  async ofAll<Row, Item>(
    rows: readonly Row[],
    { key, items }: { key: (row: Row) => RowKey<K>; items: (rows: Row[]) => Promise<Item[]> },
  ): Promise<Page<Item>> {
    const page = this.rowsOf(rows, key)
    return { items: await items(page.items), nextCursor: page.nextCursor }
  }

  /** The rows of the page, and the cursor of the next one. */
  rowsOf<Row>(rows: readonly Row[], key: (row: Row) => RowKey<K>): Page<Row> {
    const items = rows.slice(0, this.#limit)
    const last = items.at(-1)
    const lastKey = last === undefined ? this.after : key(last)
    const isMore = rows.length > this.#limit && lastKey !== undefined
    return { items, nextCursor: isMore ? this.#cursors.encode(this.#keyset.scope, lastKey.map(toPart)) : null }
  }
}

const toPart = (part: Date | number | string): number | string => (part instanceof Date ? part.getTime() : part)

/**
 * The page that a caller asks for. It may read the installation's keys, so it comes before a transaction begins.
 * @throws ChatError INVALID_INPUT where the cursor is none of this list
 */
export async function openPage<const K extends readonly CursorKind[]>(
  cursors: CursorSigner,
  keyset: Keyset<K>,
  { cursor, limit }: Paging,
): Promise<KeysetPage<K>> {
  return new KeysetPage(cursors, keyset, { after: await cursors.decode(keyset.scope, cursor, keyset.kinds), limit })
}
