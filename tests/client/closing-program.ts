/** A program with a client, as an application is one: it closes the client and ends by itself, or hangs. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createChatClient } from '../../shared/index.ts'

const [url = '', token = '', calls = 'websocket', count = '0', closeAfterMs = '0'] = process.argv.slice(2)

const tell = (word: object) => process.stdout.write(`${JSON.stringify(word)}\n`)
const chat = createChatClient({
  url,
  token: token === 'never' ? () => new Promise<string>(() => undefined) : token,
  calls: calls === 'http' ? 'http' : 'websocket',
})
let completed = 0
chat.inbox.onEvent.subscribe(undefined, { onComplete: () => completed++ })
const ask = () =>
  chat.auth.me.query().then(
    () => 'answered',
    (error) => String(error.data?.reason),
  )
const outcomes = Array.from({ length: Number(count) }, ask)
if (Number(closeAfterMs) > 0) await sleep(Number(closeAfterMs))
await Promise.all([chat.close(), chat.close()])
tell({ closed: true })
const tally: Record<string, number> = {}
for (const outcome of await Promise.all(outcomes)) tally[outcome] = (tally[outcome] ?? 0) + 1
tell({ completed, tally, late: await ask(), status: chat.connection.state.status })
