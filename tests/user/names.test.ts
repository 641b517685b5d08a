import { describe, expect, test } from 'vitest'
import { nameText, toName } from '../../shared/text.ts'
import { refusalOf } from '../rpc/refusal.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

/** As marks are stacked to break out of a line: ninety-five on one letter. */
const STACK = `Z${'\u0335\u0301\u0489\u0316\u0e49'.repeat(19)}`

const NAMES: [script: string, name: string][] = [
  ['Vietnamese', 'Nguyễn Thị Thuỳ Dương'.normalize('NFD')],
  ['Yoruba', 'Ọ̀ṣun Adéọlá'.normalize('NFD')],
  ['Thai', 'กิตติศักดิ์ น้ำผึ้ง'],
  ['Hindi', 'श्रीमती लक्ष्मी आँचल'],
  ['Tamil', 'ஸ்ரீ லக்ஷ்மி'],
  ['Hebrew with points and accents', 'בְּרֵאשִׁ֖ית שָׁלוֹם'],
  ['Arabic with vowels', 'مُحَمَّدٌ الرَّحِيمِ'],
  ['Burmese', 'ကျွန်ုပ် နွှဲ့မြင့်'],
  ['Khmer', 'ស្ត្រី សុវណ្ណរ៉ា'],
  ['Tibetan', 'སྒྲོལ་མ ཧཱུྃ'],
  ['emoji', '❤️ 👩‍❤️‍💋‍👩 1️⃣ 🏳️‍🌈 👍🏽 🇺🇦'],
]

describe('a name', () => {
  test.each(NAMES)('in %s is taken as it is', (_, name) => {
    expect(nameText().parse(name)).toBe(name.normalize('NFC'))
  })

  test.each(NAMES.filter(([script]) => script !== 'emoji'))('of a token in %s stays', (_, name) => {
    expect(toName(name, 'nobody')).toBe(name.normalize('NFC'))
  })

  test('with a stack of marks is refused wherever somebody gives one', async () => {
    await server.caller('ada').auth.me()
    const { room, user, presence } = server.caller('ada')
    const { id: roomId } = await room.create({ kind: 'group', name: 'Engine room' })
    const inputs: [field: string, call: () => Promise<unknown>][] = [
      ['name', () => user.update({ name: STACK })],
      ['name', () => server.caller('host', { role: 'service' }).user.upsert({ id: `u-${newId()}`, name: STACK })],
      ['name', () => room.create({ kind: 'group', name: STACK })],
      ['name', () => room.update({ roomId, name: STACK })],
      ['nickname', () => room.settings({ roomId, nickname: STACK })],
      ['text', () => presence.set({ status: 'busy', text: STACK })],
    ]
    for (const [path, call] of inputs) {
      expect(await refusalOf(call)).toMatchObject({
        reason: 'INVALID_INPUT',
        issues: [{ path, message: 'at most 4 combining marks on a letter' }],
      })
    }
  })

  test('with a stack of marks in a token is mended', async () => {
    const client = await server.connect('zed', { name: `${STACK}ed` })
    const { user } = await client.auth.me.query()
    expect(user.name).toMatch(/^\u0179\p{M}{4}ed$/u)
    expect(nameText().parse(user.name)).toBe(user.name)
  })
})
