import { type RawBuilder, sql } from 'kysely'
import { readRows } from '../db/checked-rows.ts'
import type { Tx } from '../db/schema.ts'
import { invalidInput } from '../errors/chat-error.ts'
import { isText, listOf, type Shape } from '../lib/checks.ts'
import type { SearchTerm } from './search-terms.ts'

export interface TextQuery {
  /** A tsquery that messages must match, including exclusions and the word order of phrases. */
  text: string
  /** Whether a message that contains all the words may still not match. */
  isStricterThanWords: boolean
  /** The words that every match contains, each quoted as in a tsquery and marked if it is a prefix. */
  words: { lexeme: string; isPrefix: boolean }[]
}

interface TermRow {
  /** A tsquery; ends with `:*` if the last word is a prefix. */
  query: string
  /** In the order of the term. */
  lexemes: string[]
}

const TERM: Shape<TermRow> = { query: isText, lexemes: listOf(isText) }

/**
 * Has Postgres convert the terms: user input becomes lexemes, never syntax.
 * @throws ChatError INVALID_INPUT if no word is left to search for
 */
export async function toTextQuery(tx: Tx, terms: SearchTerm[]): Promise<TextQuery> {
  if (terms.length === 0) throw nothingWanted()
  const values = terms.map((term, n) => sql`(${n}::int, ${term.text}, ${queryOf(term)})`)
  const rows = await readRows(tx, {
    row: TERM,
    sql: sql`
    select term.query::text,
      array(select lexeme from unnest(search_words(term.content)) as word (lexeme, positions, weights) order by positions[1]) as lexemes
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

/** Appends the prefix mark to the last lexeme, which Postgres has written and quoted. */
const queryOf = ({ text, isPrefix }: SearchTerm): RawBuilder<unknown> =>
  isPrefix ? sql`coalesce(nullif(search_phrase(${text})::text, '') || ':*', '')::tsquery` : sql`search_phrase(${text})`

/**
 * The words as index keys of a room, which carry the last digits of its id. Postgres builds them, since there may be many rooms.
 */
export function keysOf(roomId: RawBuilder<string>, { words }: TextQuery): RawBuilder<unknown> {
  const lexemes = words.map(({ lexeme }) => lexeme.replace(/['\\]/g, '$&$&'))
  const marks = words.map(({ isPrefix }) => (isPrefix ? ':*' : ''))
  return sql`(
    select string_agg('''' || right(${roomId}::text, 8) || word.lexeme || '''' || word.mark, ' & ')::tsquery
    from unnest(${lexemes}::text[], ${marks}::text[]) as word (lexeme, mark)
  )`
}
