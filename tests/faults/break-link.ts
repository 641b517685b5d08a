import type { TcpProxy } from '../support/tcp-proxy.ts'
import { byTurns, type FaultScene } from './fault.ts'

/** The ways in which a stretch of network breaks: it cuts, swallows, forgets one end, is slow. */
export function breakLink(scene: FaultScene, name: string, link: TcpProxy | undefined): Promise<void> {
  return byTurns(scene, { everyMs: 2_000, forMs: [100, 8_000] }, () => {
    const { dice, tally } = scene
    const ways: [string, () => void][] = [
      ['cuts', () => link?.cut()],
      ['drops', () => link?.drop()],
      ['blackholes', () => link?.blackhole()],
      ['half-opens', () => link?.halfOpen()],
      ['delays', () => link?.delay(dice.between(5, 150))],
    ]
    const [way, breakIt] = dice.oneOf(ways) ?? []
    breakIt?.()
    tally.count(`${way} of the link to ${name}`)
    return () => link?.mend()
  })
}
