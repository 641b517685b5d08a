import { readFileSync } from 'node:fs'

/*
 * Preloaded into a server process (`node --import`): its wall clock is beside the real one by as many milliseconds as CLOCK_FILE says,
 * ahead in one process and behind in the next. Timers and `performance.now()` go on, as they do on a machine whose clock is set.
 */
const file = process.env['CLOCK_FILE']
const sign = process.pid % 2 === 0 ? 1 : -1
const RealDate = Date
let offsetMs = 0

function look(): void {
  if (file) offsetMs = sign * Number(readFileSync(file, 'utf8'))
}

/** What `Date` is, but for what time it is now. */
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [target.now() + offsetMs] : args, newTarget),
  apply: (target) => new target(target.now() + offsetMs).toString(),
  get: (target, key, receiver) => (key === 'now' ? () => target.now() + offsetMs : Reflect.get(target, key, receiver)),
})

look()
setInterval(look, 100).unref()
