import { hash } from 'node:crypto'
import { invalidInput } from './chat-error.ts'

/** What a cursor holds: the sort key of the last item given. */
export type CursorKey = (string | number)[]

const CHECK_LENGTH = 12

const checkOf = (scope: string, body: string) => hash('sha256', `${scope}\n${body}`, 'hex').slice(0, CHECK_LENGTH)

/** A place in the list that `scope` names (which list, of whom, in which room), opaque to clients. */
export function encodeCursor(scope: string, key: CursorKey): string {
  const body = Buffer.from(JSON.stringify(key)).toString('base64url')
  return `${body}.${checkOf(scope, body)}`
}

/** The key of a cursor of this very list. @throws ChatError INVALID_INPUT for one of another list, of another caller, or made up */
export function decodeCursor<const T extends ('string' | 'number')[]>(
  scope: string,
  cursor: string | undefined,
  kinds: T,
): CursorKeyOf<T> | undefined {
  if (cursor === undefined) return undefined
  const [body = '', check] = cursor.split('.')
  const key: unknown =
    check === checkOf(scope, body) ? JSON.parse(Buffer.from(body, 'base64url').toString()) : undefined
  if (!isKeyOf(key, kinds)) throw invalidInput('cursor', 'not a cursor of this list')
  return key
}

type CursorKeyOf<T extends ('string' | 'number')[]> = { [I in keyof T]: T[I] extends 'string' ? string : number }

const isKeyOf = <T extends ('string' | 'number')[]>(key: unknown, kinds: T): key is CursorKeyOf<T> =>
  Array.isArray(key) && key.length === kinds.length && kinds.every((kind, index) => typeof key[index] === kind)
