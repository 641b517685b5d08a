import { describe, expect, test } from 'vitest'
import { t } from './served-router.ts'
import { serveTransport } from './served-transport.ts'
import { query, subscription, WirePeer } from './wire-peer.ts'

function patientRouter() {
  const ending = Promise.withResolvers<string>()
  const router = t.router({
    hello: t.procedure.query(() => 'hello'),
    wait: t.procedure.query(() => ending.promise),
    listen: t.procedure.subscription(async function* ({ signal }) {
      yield 'begun'
      await new Promise((resolve) => signal?.addEventListener('abort', resolve))
    }),
  })
  return { router, end: () => ending.resolve('done') }
}

const NARROW = { maxCalls: 4, maxSubscriptions: 2, frameRate: { perSecond: 1, burst: 20 } }
const WIDE = { maxCalls: 100, maxSubscriptions: 50, frameRate: { perSecond: 10_000, burst: 10_000 } }

async function serve() {
  const { router, end } = patientRouter()
  const { url } = await serveTransport(router, {
    limits: NARROW,
    admit: async (_req, params) => ({
      context: { user: params?.['user'] },
      signal: new AbortController().signal,
      release: () => undefined,
      ...(params?.['user'] === 'backend' ? { limits: WIDE } : {}),
    }),
  })
  const connect = async (user: string) => {
    const peer = await WirePeer.connect(`${url}?connectionParams=1`)
    peer.send({ method: 'connectionParams', data: { user } }, query(-1, 'hello'))
    return peer.until(() => peer.of(-1).length > 0)
  }
  return { connect, end }
}

describe('a connection that was let in', () => {
  test('has the bounds that come with it, and others keep theirs', async () => {
    const { connect, end } = await serve()
    const [backend, ada] = [await connect('backend'), await connect('ada')]
    for (const peer of [backend, ada]) {
      peer.send([...Array(60).keys()].map((id) => query(id, 'wait')))
      peer.send([...Array(40).keys()].map((id) => subscription(100 + id, 'listen')))
      await peer.settled()
    }
    const refused = (peer: WirePeer) => peer.messages.flatMap(({ error }) => error?.message ?? [])
    expect(refused(backend)).toEqual([])
    expect(Map.groupBy(refused(ada), (limit) => limit).get('calls')).toHaveLength(60 - NARROW.maxCalls)
    expect(Map.groupBy(refused(ada), (limit) => limit).get('subscriptions')).toHaveLength(40 - NARROW.maxSubscriptions)
    end()
  })

  test('is read as fast as they say', async () => {
    const { connect } = await serve()
    const backend = await connect('backend')
    // At a frame a second this would take minutes.
    for (let id = 0; id < 500; id++) backend.send(query(id, 'hello'))
    await backend.until(() => backend.messages.length === 501)
  })
})
