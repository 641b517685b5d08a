import { type RawBuilder, sql } from 'kysely'
import { readRows } from '../db/checked-rows.ts'
import type { Tx } from '../db/schema.ts'
import { invalidInput } from '../errors/chat-error.ts'
import { isText, listOf, type Shape } from '../lib/checks.ts'
import type { SearchTerm } from './search-terms.ts'

export interface TextQuery {
  /** What messages must match, as a tsquery: what is excluded and the order in phrases included. */
  text: string
  /** Whether a message that holds all the words may still not match. */
  isStricterThanWords: boolean
  /** The words that every match holds, each quoted as in a tsquery, with a mark where it only begins so. */
  words: { lexeme: string; isPrefix: boolean }[]
}

interface TermRow {
  /** As a tsquery; ends with `:*` where the last word only begins so. */
  query: string
  /** In their order. */
  lexemes: string[]
}

const TERM: Shape<TermRow> = { query: isText, lexemes: listOf(isText) }

/**
 * The terms as Postgres understands them: what people write becomes lexemes of its own making, never syntax.
 * @throws ChatError INVALID_INPUT where no word is wanted
 */
export async function toTextQuery(tx: Tx, terms: SearchTerm[]): Promise<TextQuery> {
  if (terms.length === 0) throw nothingWanted()
  const values = terms.map((term, n) => sql`(${n}::int, ${term.text}, ${queryOf(term)})`)
  const rows = await readRows(tx, {
    row: TERM,
    sql: sql`
    select term.query::text,
      array(select lexeme from unnest(search_words(term.content)) as word (lexeme, places, weights) order by places[1]) as lexemes
    from (values ${sql.join(values)}) as term (n, content, query)
    order by term.n`,
  })
  const found = rows.filter(({ lexemes }, index) => lexemes.length > 0 && !terms[index]?.isExcluded)
  const excluded = rows.filter(({ lexemes }, index) => lexemes.length > 0 && terms[index]?.isExcluded)
  if (found.length === 0) throw nothingWanted()
  return {
    text: [...found.map(({ query }) => `(${query})`), ...excluded.map(({ query }) => `!(${query})`)].join(' & '),
    isStricterThanWords: excluded.length > 0 || found.some(({ lexemes }) => lexemes.length > 1),
    words: found.flatMap((row) =>
      row.lexemes.map((lexeme, index) => ({
        lexeme,
        isPrefix: row.query.endsWith(':*') && index === row.lexemes.length - 1,
      })),
    ),
  }
}

const nothingWanted = () => invalidInput('query', 'no word to look for')

/** The mark of a prefix goes to the last lexeme of Postgres's own writing, which is quoted. */
const queryOf = ({ text, isPrefix }: SearchTerm): RawBuilder<unknown> =>
  isPrefix ? sql`coalesce(nullif(search_phrase(${text})::text, '') || ':*', '')::tsquery` : sql`search_phrase(${text})`

/** The words as the index has them for a room: under the last digits of its id. Postgres makes them, since there may be many rooms. */
export function keysOf(roomId: RawBuilder<string>, { words }: TextQuery): RawBuilder<unknown> {
  const lexemes = words.map(({ lexeme }) => lexeme.replace(/['\\]/g, '$&$&'))
  const marks = words.map(({ isPrefix }) => (isPrefix ? ':*' : ''))
  return sql`(
    select string_agg('''' || right(${roomId}::text, 8) || word.lexeme || '''' || word.mark, ' & ')::tsquery
    from unnest(${lexemes}::text[], ${marks}::text[]) as word (lexeme, mark)
  )`
}
