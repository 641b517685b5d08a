import { breakLink } from '../break-link.ts'
import type { Fault } from '../fault.ts'

export const breakClientLinks: Fault = {
  run: (scene) => breakLink(scene, 'the server', scene.world.clientLink),
}
