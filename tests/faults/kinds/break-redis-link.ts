import { breakLink } from '../break-link.ts'
import type { Fault } from '../fault.ts'

export const breakRedisLink: Fault = {
  needs: 'redis',
  run: (scene) => breakLink(scene, 'Redis', scene.world.redisLink),
}
