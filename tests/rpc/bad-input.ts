import { randomUUID } from 'node:crypto'
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
  'with a stack of marks': `a${'\u0335\u0301'.repeat(3)}b`,
  'with a stack of marks that differ': 'Z\u0301\u0302\u0303\u0316\u0317\u0489',
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

const manyUuids = Array.from({ length: LIMITS.messageIds + 1 }, () => '0190c2f0-7b1a-7c3e-8d4f-0123456789ab')

const emoji: Bad = {
  ...notText,
  ...notStorable,
  ...blank,
  ...tooLong(LIMITS.emoji),
  'a letter': 'a',
  'a digit': '1',
  'a sign': '#',
  'a word': 'like',
  'a symbol that is no emoji': '★',
  'two of them': '👍👍',
  'one and a space': '👍 ',
  'one and a line break': '👍\n',
  'with a direction character': '\u202e👍',
  'with a zero-width space': '👍\u200b',
  'shown as text': '❤\ufe0e',
  'a joiner alone': '\u200d',
  'a joiner at the end': '👍\u200d',
  'a joiner at the beginning': '\u200d👍',
  'two joiners between two': '👩\u200d\u200d🚀',
  'a variation selector alone': '\ufe0f',
  'two variation selectors': '😀\ufe0f\ufe0f',
  'a combining mark on top': '👍\u0301',
  'many combining marks on top': `👍${'\u0301'.repeat(30)}`,
  'a skin tone on what has no skin': '😀🏽',
  'half a flag': '🇵',
  'a flag of no country': '🇽🇽',
  'two flags': '🇵🇱🇺🇦',
  'a flag with hidden tags': '🏴\u{e0068}\u{e0069}\u{e007f}',
  'far too many joined': `${'👩\u200d'.repeat(30)}👩`,
}

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

const date: Bad = {
  text: '2030-01-01',
  null: null,
  number: 1_900_000_000_000,
  'no date': new Date(Number.NaN),
  'before every calendar': new Date(-8.64e15),
}

const oneWord = (pattern: unknown, action: unknown = 'mask') => [{ pattern, action }]
const words: Bad = {
  text: 'darn',
  null: null,
  'bare texts': ['darn'],
  'no action': [{ pattern: 'darn' }],
  'an unknown action': oneWord('darn', 'explode'),
  'an unknown field': [{ pattern: 'darn', action: 'mask', isRegExp: true }],
  'no text': oneWord(42),
  empty: oneWord(''),
  blank: oneWord(' \t'),
  'a lone surrogate': oneWord(LONE_SURROGATE),
  NUL: oneWord(NUL),
  'too long': oneWord('a'.repeat(LIMITS.filterPattern + 1)),
  'a wildcard alone': oneWord('*'),
  'a wildcard alone among words': oneWord('hot * dog'),
  'a wildcard alone beside a symbol': oneWord('$*'),
  'wildcards alone': oneWord('**'),
  'a wildcard alone in another way of writing it': oneWord('\uff0a$'),
  'punctuation alone': oneWord('...'),
  'nothing that is seen': oneWord('\u200b\u00ad'),
  'too many words in a row': oneWord('a b c d e f'),
  'a bad one among them': [...oneWord('darn'), ...oneWord('*')],
  'too many': Array.from({ length: LIMITS.filterWords + 1 }, (_, index) => oneWord(`word${index}`)[0]),
  'too many wildcards': Array.from({ length: LIMITS.filterWildcards + 1 }, (_, index) => oneWord(`word${index}*`)[0]),
}

/** What no procedure takes, by the field's name, or by the procedure's and the field's. Every field of every input is in here. */
export const BAD_VALUES: Record<string, Bad> = {
  roomId: uuid,
  messageId: uuid,
  toRoomId: uuid,
  messageIds: {
    ...uuid,
    'no list': '0190c2f0-7b1a-7c3e-8d4f-0123456789ab',
    none: [],
    'a bad one among them': ['x'],
    'too many': manyUuids,
  },
  emoji,
  inviteId: uuid,
  inviteCode: {
    ...notText,
    ...notStorable,
    empty: '',
    'with a space': 'a b',
    'with a line break': 'abc\n',
    'a quote': "' or true --",
    'too long': 'a'.repeat(LIMITS.inviteCode + 1),
  },
  reportId: uuid,
  replyToId: uuid,
  threadId: uuid,
  scheduleId: uuid,
  clientId: uuid,
  id: userId,
  userId,
  ownerId: userId,
  asUserId: userId,
  senderId: userId,
  actorId: userId,
  userIds: { ...userIds, none: [] },
  memberIds: userIds,
  mentions: userIds,
  attachmentIds: { 'a text': 'x', 'one, which is not in this version': ['01a1f7c8-7695-79be-aad3-cdc1ff89eeb1'] },
  name: name(LIMITS.name),
  text: omit(name(LIMITS.statusText), 'null'),
  'report.create text': prose(LIMITS.reason),
  note: prose(LIMITS.reason),
  action: { ...choice, 'of another kind': 'applaud' },
  words,
  description: prose(LIMITS.description),
  reason: prose(LIMITS.reason),
  content: { ...prose(LIMITS.content), ...blank },
  // An empty draft is none.
  'draft.set content': prose(LIMITS.content),
  query: prose(LIMITS.searchQuery),
  meta,
  kind: { ...choice, 'a direct room': 'direct' },
  historyVisibility: choice,
  role: { ...choice, 'a guest': 'guest' },
  status: { ...choice, offline: 'offline' },
  direction: choice,
  isPrivate: flag,
  mentionsRoom: flag,
  isTyping: flag,
  archived: flag,
  hidden: flag,
  isPinned: flag,
  isHidden: flag,
  hidesReceipts: flag,
  notifications: choice,
  presenceVisibility: choice,
  nickname: omit(name(LIMITS.name), 'null'),
  locale: {
    number: 42,
    empty: '',
    prose: 'Brazilian Portuguese',
    'with an underscore': 'pt_BR',
    NUL: 'pt-BR\0',
    'a lone surrogate': 'pt-\ud800',
    'too long': `en-x${'-abcdefgh'.repeat(10)}`,
  },
  maxUses: wholeNumber(1, LIMITS.inviteUses),
  slowModeSeconds: wholeNumber(0, LIMITS.slowModeSeconds),
  seq: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  unreadMarks: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  limit: wholeNumber(1, LIMITS.page),
  messages: wholeNumber(1, LIMITS.page),
  cursor,
  after: position,
  lastEventId: position,
  positions: {
    ...notText,
    text: '0123456789ab.17',
    'a room that is none': { general: '0123456789ab.17' },
    'a position that is none': { '0190c2f0-7b1a-7c3e-8d4f-0123456789ab': 'latest' },
    'too many': Object.fromEntries(
      Array.from({ length: LIMITS.syncRooms + 1 }, () => [randomUUID(), '0123456789ab.17']),
    ),
  },
  until: date,
  expiresAt: { ...date, past: new Date(Date.now() - 1_000) },
  since: date,
  sendAt: { ...date, 'after every calendar': new Date(8.64e15) },
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
