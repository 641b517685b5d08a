import { type RawBuilder, sql } from 'kysely'
import { isStorable } from '../../shared/text.ts'
import type { InstallationKeys } from '../db/installation-keys.ts'
import { invalidInput } from '../errors/chat-error.ts'

interface PartKind<T extends string | number> {
  /** Whether it is one that the database will read. */
  is(part: unknown): part is T
  /** It as a value of the column's type. */
  bind(part: string | number): RawBuilder<unknown>
}

const isCount = (part: unknown): part is number => typeof part === 'number' && Number.isSafeInteger(part) && part >= 0

const text: PartKind<string> = {
  is: (part): part is string => typeof part === 'string' && isStorable(part),
  bind: (part) => sql`${part}`,
}
const uuid: PartKind<string> = {
  is: (part): part is string => typeof part === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(part),
  bind: (part) => sql`${part}::uuid`,
}
const seq: PartKind<number> = { is: isCount, bind: (part) => sql`${part}` }
/** Milliseconds. */
const time: PartKind<number> = {
  is: (part): part is number => isCount(part) && part < 1e14,
  bind: (part) => sql`${new Date(part)}`,
}
/** Microseconds, as Postgres keeps a time. */
const micros: PartKind<number> = {
  is: isCount,
  bind: (part) => sql`timestamptz 'epoch' + ${part}::bigint * interval '1 microsecond'`,
}

/** What a cursor holds: the sort key of the last item given, each part of a kind that the database will read. */
export const CURSOR_KINDS = { text, uuid, seq, time, micros }

export type CursorKind = keyof typeof CURSOR_KINDS
type PartOf<K extends CursorKind> = K extends 'text' | 'uuid' ? string : number
/** The key in a cursor with parts of these kinds. */
export type CursorKey<T extends readonly CursorKind[]> = { -readonly [I in keyof T]: PartOf<T[I]> }

/**
 * Makes and reads cursors: positions in the list that a `scope` names (which list, whose, in which room), opaque to clients. A
 * cursor is signed, together with its scope, with the installation's key: every node accepts it, and only for its own list.
 */
export class CursorSigner {
  readonly #keys: Pick<InstallationKeys, 'sign' | 'verify'>

  constructor(keys: Pick<InstallationKeys, 'sign' | 'verify'>) {
    this.#keys = keys
  }

  encode(scope: string, key: readonly (string | number)[]): string {
    const body = Buffer.from(JSON.stringify(key)).toString('base64url')
    return `${body}.${this.#keys.sign('cursor', signedText(scope, body))}`
  }

  /**
   * The key in a cursor of this list. @throws ChatError INVALID_INPUT for any other text, and for a cursor that an older key
   * signed
   */
  async decode<const T extends readonly CursorKind[]>(
    scope: string,
    cursor: string | undefined,
    kinds: T,
  ): Promise<CursorKey<T> | undefined> {
    if (cursor === undefined) return undefined
    const end = cursor.lastIndexOf('.')
    const [body, signature] = [cursor.slice(0, Math.max(0, end)), cursor.slice(end + 1)]
    const isOurs = await this.#keys.verify('cursor', signedText(scope, body), signature)
    const key = isOurs ? parse(body) : undefined
    // A cursor of an older version can hold another key.
    if (!isKey(key, kinds)) throw invalidInput('cursor', 'belongs to another list, or is no cursor; begin without one')
    return key
  }
}

/** A body has no line break, so no other scope and body make the same text. */
const signedText = (scope: string, body: string) => `${scope}\n${body}`

function parse(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, 'base64url').toString())
  } catch {
    return undefined
  }
}

const isKey = <T extends readonly CursorKind[]>(key: unknown, kinds: T): key is CursorKey<T> =>
  Array.isArray(key) && key.length === kinds.length && kinds.every((kind, index) => CURSOR_KINDS[kind].is(key[index]))
