import type { RoomLogEvent } from '../../shared/room-event.ts'
import type { RoomKey } from '../lib/keys.ts'
import { type Bus, type BusListener, type BusMessage, roomChannel, type Unsubscribe } from './bus.ts'

/** The bus of a server that changes rooms. Each change is published here, and `onChange` receives its room. */
export class RoomBus implements Bus {
  readonly #bus: Bus
  readonly #onChange: (room: RoomKey) => void

  constructor(bus: Bus, onChange: (room: RoomKey) => void) {
    this.#bus = bus
    this.#onChange = onChange
  }

  get isUp(): boolean {
    return this.#bus.isUp
  }

  /** Sends one change of a room's log to its feeds. Call after the commit. Like `publish`, it never waits and never fails. */
  publishChange(room: RoomKey, epoch: string, event: RoomLogEvent): void {
    this.#bus.publish(roomChannel(room.tenantId, room.roomId), { type: 'room.changed', epoch, event })
    this.#onChange(room)
  }

  publish(channel: string, message: BusMessage): void {
    this.#bus.publish(channel, message)
  }

  subscribe(channel: string, listener: BusListener): Promise<Unsubscribe> {
    return this.#bus.subscribe(channel, listener)
  }

  onHealthChange(listener: () => void): Unsubscribe {
    return this.#bus.onHealthChange(listener)
  }

  close(): Promise<void> {
    return this.#bus.close()
  }
}
