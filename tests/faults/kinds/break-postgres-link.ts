import { breakLink } from '../break-link.ts'
import type { Fault } from '../fault.ts'

export const breakPostgresLink: Fault = {
  run: (scene) => breakLink(scene, 'Postgres', scene.world.postgresLink),
}
