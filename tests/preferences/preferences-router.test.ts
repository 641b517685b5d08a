import { describe, expect, test } from 'vitest'
import { useTestApp } from '../support/test-app.ts'

const server = useTestApp()

const DEFAULTS = { notifications: 'all', hidesReceipts: false, presenceVisibility: 'everyone', locale: null }

describe('preferences', () => {
  test('are as they come until something is chosen; what is not named stays', async () => {
    const { preferences } = await server.connect('ada')
    expect(await preferences.get.query()).toEqual(DEFAULTS)
    expect(await preferences.update.mutate({ hidesReceipts: true })).toEqual({ ...DEFAULTS, hidesReceipts: true })
    await preferences.update.mutate({ notifications: 'mentions', presenceVisibility: 'rooms' })
    const chosen = { notifications: 'mentions', hidesReceipts: true, presenceVisibility: 'rooms', locale: null }
    expect(await preferences.update.mutate({})).toEqual(chosen)
    expect(await preferences.get.query()).toEqual(chosen)
  })

  test('are each user’s own, also of namesakes in two tenants', async () => {
    await server.caller('ben').preferences.update({ notifications: 'none' })
    expect(await server.caller('cleo').preferences.get()).toEqual(DEFAULTS)
    expect(await server.caller('ben', { tenant: 'elsewhere' }).preferences.get()).toEqual(DEFAULTS)
  })

  test('of several at once each is kept', async () => {
    const { preferences } = server.caller('dov')
    await Promise.all([
      preferences.update({ notifications: 'none' }),
      preferences.update({ hidesReceipts: true }),
      preferences.update({ presenceVisibility: 'nobody' }),
      preferences.update({ locale: 'de' }),
    ])
    expect(await preferences.get()).toEqual({
      notifications: 'none',
      hidesReceipts: true,
      presenceVisibility: 'nobody',
      locale: 'de',
    })
  })

  test.each([
    ['pt-br', 'pt-BR'],
    ['ZH-hant-tw', 'zh-Hant-TW'],
    ['en-US-u-ca-gregory', 'en-US-u-ca-gregory'],
  ])('a language tag is kept in its canonical form: %s', async (written, canonical) => {
    const { preferences } = server.caller('eve')
    expect(await preferences.update({ locale: written })).toMatchObject({ locale: canonical })
    expect(await preferences.update({ locale: null })).toMatchObject({ locale: null })
  })
})
