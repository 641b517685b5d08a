import { describe, expect, test } from 'vitest'
import { RequestReader } from './request-reader.ts'

const message = (letter: string, content: string): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(content.length + 4)
  return Buffer.concat([Buffer.from(letter), head, Buffer.from(content)])
}

const STARTUP = message('', '\0\x03\0\0user\0confab\0\0')
const COMMIT = message('Q', 'commit\0')
const SEND = [message('B', '\0send-lone\0...'), message('E', '\0\0\0\0\0'), message('S', '')]
const OTHER = [message('P', '\0select 1\0\0\0'), message('B', '\0\0...'), message('E', '\0\0\0\0\0'), message('S', '')]
const ALL = Buffer.concat([STARTUP, COMMIT, ...SEND, ...OTHER])

const REQUESTS = [
  { isCommit: true, isSend: false },
  { isCommit: false, isSend: true },
  { isCommit: false, isSend: false },
]

describe('the reader of what is said to Postgres', () => {
  test('tells commits and sends from the rest', () => {
    expect(new RequestReader().read(ALL)).toEqual(REQUESTS)
  })

  test('knows a request when its last byte has come, wherever the pieces part', () => {
    for (let at = 0; at <= ALL.length; at++) {
      const reader = new RequestReader()
      expect([...reader.read(ALL.subarray(0, at)), ...reader.read(ALL.subarray(at))]).toEqual(REQUESTS)
    }
    expect(new RequestReader().read(COMMIT.subarray(0, -1))).toEqual([])
  })
})
