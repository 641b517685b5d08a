import type { Bus } from './bus.ts'

/** The bus, and who is told of each room that this server changes, as it publishes the change. */
export function watchRooms(bus: Bus, onChange: (tenantId: string, roomId: string) => void): Bus {
  return {
    get isUp() {
      return bus.isUp
    },
    publish(channel, message) {
      bus.publish(channel, message)
      if (message.type !== 'room.changed') return
      const [, tenantId, roomId] = channel.split(':')
      if (tenantId !== undefined && roomId !== undefined) onChange(tenantId, roomId)
    },
    subscribe: (channel, listener) => bus.subscribe(channel, listener),
    onHealthChange: (listener) => bus.onHealthChange(listener),
    close: () => bus.close(),
  }
}
