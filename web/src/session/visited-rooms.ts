/** Beyond this number, the room that was visited longest ago is forgotten. */
const MAX_ROOMS = 50

/** The rooms that the viewer has opened on this device, the latest first. */
export class VisitedRooms {
  readonly #key: string

  /** @param name the storage key, unique to the viewer. */
  constructor(name: string) {
    this.#key = name
  }

  list(): readonly string[] {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.#key) ?? '[]')
      return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : []
    } catch {
      return []
    }
  }

  add(roomId: string) {
    const rooms = [roomId, ...this.list().filter((id) => id !== roomId)].slice(0, MAX_ROOMS)
    try {
      localStorage.setItem(this.#key, JSON.stringify(rooms))
    } catch {
      // A device with a full or forbidden storage keeps no order of visits.
    }
  }
}
