import { join } from 'node:path'
import type { Dialect } from '../generator/crowd.ts'

export const SYSTEMS = {
  confab: { title: 'Confab', file: 'confab.ts', dialect: 'confab' },
  tuned: { title: 'Socket.IO, tuned', file: 'socketio-tuned.ts', dialect: 'socket.io' },
  kysely: { title: 'Socket.IO + Kysely', file: 'socketio-kysely.ts', dialect: 'socket.io' },
  stock: { title: 'stock tRPC adapter', file: 'stock-trpc.ts', dialect: 'trpc' },
  floor: { title: 'bare `ws` loop', file: 'bare-ws.ts', dialect: 'plain' },
} as const satisfies Record<string, { title: string; file: string; dialect: Dialect }>

export type SystemName = keyof typeof SYSTEMS

export const SYSTEM_NAMES: SystemName[] = ['confab', 'tuned', 'kysely', 'stock', 'floor']

export const systemFile = (system: SystemName): string => join(import.meta.dirname, '../peers', SYSTEMS[system].file)
