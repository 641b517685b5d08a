import { z } from 'zod'
import { LIMITS } from '../../shared/limits.ts'
import { procedures } from './call-by-path.ts'

/** Named values: what is wrong with each. */
type Bad = Record<string, unknown>

const LONE_SURROGATE = 'a\ud800b'
const NUL = 'a\0b'

const notText: Bad = { number: 42, null: null, list: ['a'], record: { a: 1 } }
const notStorable: Bad = { 'a lone surrogate': LONE_SURROGATE, NUL }
const tooLong = (max: number): Bad => ({ 'too long': 'a'.repeat(max + 1), 'far too long': 'a'.repeat(max * 20) })
const blank: Bad = {
  empty: '',
  blank: ' \n\t\u00a0',
  'zero-width characters only': '\u200b\u2060\ufeff',
  'letters that look like nothing': '\u3164\u115f\u2800',
}

const uuid: Bad = {
  ...notText,
  ...notStorable,
  empty: '',
  word: 'general',
  'with braces': '{0190c2f0-7b1a-7c3e-8d4f-0123456789ab}',
  'without dashes': '0190c2f07b1a7c3e8d4f0123456789ab',
  'with a space': ' 0190c2f0-7b1a-7c3e-8d4f-0123456789ab',
  'with a line break': '0190c2f0-7b1a-7c3e-8d4f-0123456789ab\n',
  'with NUL': '0190c2f0-7b1a-7c3e-8d4f-0123456789ab\0',
  'not hexadecimal': '0190c2f0-7b1a-7c3e-8d4f-0123456789xy',
  'a quote': "' or true --",
}

const userId: Bad = {
  ...notText,
  ...notStorable,
  ...tooLong(LIMITS.userId),
  empty: '',
  'with a space': 'ada lovelace',
  'with a line break': 'ada\n',
  'with a direction character': 'ada\u202e',
  'with a zero-width character': 'a\u200bda',
}

const manyIds = Array.from({ length: LIMITS.userIds + 1 }, (_, index) => `user-${index}`)
const userIds: Bad = {
  text: 'ada',
  null: null,
  'a bad one among them': ['ada', 'b e n'],
  'NUL in one': ['ada', NUL],
  'too many': manyIds,
}

const name = (max: number): Bad => ({
  ...notText,
  ...notStorable,
  ...tooLong(max),
  ...blank,
  'with a line break': 'a\nb',
  'with a tab': 'a\tb',
  'with a line separator': 'a\u2028b',
  'with a control character': 'a\u0007b',
  'with a direction override': 'moc.\u202eexample',
  'with a direction isolate': 'a\u2066b',
  'with a zero-width space': 'a\u200bb',
  'with a joiner between letters': 'a\u200db',
  'with a tag character': 'a\u{e0041}b',
  'with a private use character': 'a\ue000b',
  'too long once it is normalised': '\u{1d160}'.repeat(Math.ceil(max / 3)),
})

const prose = (max: number): Bad => ({ ...notText, ...notStorable, ...tooLong(max) })

const wholeNumber = (min: number, max: number): Bad => ({
  text: '1',
  null: null,
  'below the least': min - 1,
  'above the greatest': max + 1,
  'a fraction': 1.5,
  NaN: Number.NaN,
  infinite: Number.POSITIVE_INFINITY,
  'a bigint': 1n,
})

const choice: Bad = { ...notText, unknown: 'everything', empty: '', 'an inherited name': 'constructor' }
const flag: Bad = { text: 'true', number: 1, null: null }

const nested = (depth: number): unknown => (depth === 0 ? {} : { a: nested(depth - 1) })
const parsed = (json: string): unknown => JSON.parse(json)
const meta: Bad = {
  text: '{}',
  null: null,
  list: [],
  'a date within': { at: new Date(0) },
  'a map': new Map([['a', 1]]),
  'undefined within': { a: [undefined] },
  'a bigint within': { a: 1n },
  'NaN within': { a: Number.NaN },
  'NUL in a key': { [NUL]: 1 },
  'NUL in a value': { a: [NUL] },
  'a lone surrogate in a key': { [LONE_SURROGATE]: 1 },
  'a lone surrogate in a value': { a: { b: LONE_SURROGATE } },
  'nine levels': { a: nested(8) },
  'too large': { a: 'x'.repeat(LIMITS.meta) },
  // superjson refuses to write these keys: nobody could read the room, the message or the user again.
  'a key named constructor': { constructor: 1 },
  'a key named prototype': { a: { prototype: 1 } },
  'a key named __proto__': parsed('{"__proto__":{"isAdmin":true}}'),
}

const position: Bad = {
  ...notText,
  ...notStorable,
  ...tooLong(LIMITS.position),
  empty: '',
  word: 'latest',
  'without an epoch': '17',
  'a short epoch': '0123.17',
  'capital letters': '0123456789AB.17',
  'a negative seq': '0123456789ab.-1',
  'a leading zero': '0123456789ab.017',
  'a fraction': '0123456789ab.1.5',
  'beyond what a number holds': '0123456789ab.9007199254740993',
}

const cursor: Bad = {
  ...notText,
  ...tooLong(10_000),
  empty: '',
  'made up': 'WzFd',
  'made up, with a check': 'WzFd.0123456789ab',
  NUL: 'WzFd\0.0123456789ab',
  'a position': '0123456789ab.17',
}

/** What no procedure takes, by the field's name. Every field of every input is in here. */
export const BAD_VALUES: Record<string, Bad> = {
  roomId: uuid,
  messageId: uuid,
  replyToId: uuid,
  clientId: uuid,
  id: userId,
  userId,
  ownerId: userId,
  asUserId: userId,
  userIds: { ...userIds, none: [] },
  memberIds: userIds,
  mentions: { ...userIds, 'somebody, which is not in this version': ['ada'] },
  attachmentIds: { 'a text': 'x', 'one, which is not in this version': ['01a1f7c8-7695-79be-aad3-cdc1ff89eeb1'] },
  name: name(LIMITS.name),
  text: omit(name(LIMITS.statusText), 'null'),
  description: prose(LIMITS.description),
  reason: prose(LIMITS.reason),
  content: { ...prose(LIMITS.content), ...blank },
  query: prose(LIMITS.searchQuery),
  meta,
  kind: { ...choice, 'a direct room': 'direct' },
  historyVisibility: choice,
  role: { ...choice, 'a guest': 'guest' },
  status: { ...choice, offline: 'offline' },
  direction: choice,
  isPrivate: flag,
  isTyping: flag,
  archived: flag,
  slowModeSeconds: wholeNumber(0, LIMITS.slowModeSeconds),
  seq: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  limit: wholeNumber(1, LIMITS.page),
  messages: wholeNumber(1, LIMITS.page),
  cursor,
  after: position,
  lastEventId: position,
  until: {
    text: '2030-01-01',
    null: null,
    number: 1_900_000_000_000,
    'no date': new Date(Number.NaN),
    'before every calendar': new Date(-8.64e15),
  },
  pictureUrl: {
    number: 42,
    empty: '',
    word: 'picture',
    script: 'javascript:alert(1)',
    inline: 'data:image/png;base64,AAAA',
    file: 'file:///etc/passwd',
    NUL: 'https://example.com/\0',
    'a lone surrogate': 'https://example.com/\ud800',
    'too long': `https://example.com/${'a'.repeat(LIMITS.url)}`,
  },
  token: { ...notText, empty: '', 'too long': 'a'.repeat(LIMITS.token + 1) },
}

function omit(bad: Bad, key: string): Bad {
  const { [key]: _, ...others } = bad
  return others
}

export interface InputField {
  name: string
  isRequired: boolean
}

/** The fields of a procedure's input, from its own schema; undefined where it takes none. */
export function inputFields(path: string): { fields: InputField[]; isUnion: boolean } | undefined {
  const { inputs } = z.object({ inputs: z.array(z.instanceof(z.ZodType)) }).parse(procedures[path]?._def)
  const [schema] = inputs
  if (!schema) return undefined
  const objects = objectsOf(schema)
  const fields = objects.flatMap((object) =>
    Object.entries(object.shape).map(([field, type]) => {
      const isRequired = type instanceof z.ZodType && !type.safeParse(undefined).success
      return { name: field, isRequired }
    }),
  )
  return { fields, isUnion: objects.length > 1 }
}

function objectsOf(schema: unknown): z.ZodObject[] {
  if (schema instanceof z.ZodObject) return [schema]
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(objectsOf)
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault) return objectsOf(schema.unwrap())
  throw new TypeError('This test does not know how to read the schema of an input')
}
