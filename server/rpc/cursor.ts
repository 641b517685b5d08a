import { hash } from 'node:crypto'
import { isStorable } from '../../shared/text.ts'
import { invalidInput } from './chat-error.ts'

/** What a cursor holds: the sort key of the last item given, each part of a kind that the database will read. */
const KINDS = {
  text: (part: unknown): part is string => typeof part === 'string' && isStorable(part),
  uuid: (part: unknown): part is string =>
    typeof part === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(part),
  seq: (part: unknown): part is number => typeof part === 'number' && Number.isSafeInteger(part) && part >= 0,
  /** Milliseconds. */
  time: (part: unknown): part is number =>
    typeof part === 'number' && Number.isSafeInteger(part) && part >= 0 && part < 1e14,
}

type Kind = keyof typeof KINDS
type PartOf<K extends Kind> = K extends 'text' | 'uuid' ? string : number
type KeyOf<T extends Kind[]> = { [I in keyof T]: PartOf<T[I]> }

const CHECK_LENGTH = 12

const checkOf = (scope: string, body: string) => hash('sha256', `${scope}\n${body}`, 'hex').slice(0, CHECK_LENGTH)

/** A place in the list that `scope` names (which list, of whom, in which room), opaque to clients. */
export function encodeCursor(scope: string, key: (string | number)[]): string {
  const body = Buffer.from(JSON.stringify(key)).toString('base64url')
  return `${body}.${checkOf(scope, body)}`
}

/** The key of a cursor of this very list. @throws ChatError INVALID_INPUT for one of another list or another caller, and for what never was a cursor */
export function decodeCursor<const T extends Kind[]>(
  scope: string,
  cursor: string | undefined,
  kinds: T,
): KeyOf<T> | undefined {
  if (cursor === undefined) return undefined
  const [body = '', check] = cursor.split('.')
  const key = check === checkOf(scope, body) ? parse(body) : undefined
  if (!isKey(key, kinds)) throw invalidInput('cursor', 'not a cursor of this list')
  return key
}

function parse(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, 'base64url').toString())
  } catch {
    return undefined
  }
}

const isKey = <T extends Kind[]>(key: unknown, kinds: T): key is KeyOf<T> =>
  Array.isArray(key) && key.length === kinds.length && kinds.every((kind, index) => KINDS[kind](key[index]))
