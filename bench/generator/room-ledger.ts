/** What deliveries must hold: nothing lost, nothing doubled, one order. */
export interface Ledger {
  deliver(participant: number, mark: number): void
  /** Whether everybody has everything. */
  isSettled(): boolean
  /** What is wrong, in sentences; empty where nothing is. */
  faults(): string[]
}

/**
 * Each room's messages in the order in which its first receiver had them; everybody else of that room must have them in the same
 * one. A participant is a place in that order.
 */
export class RoomLedger implements Ledger {
  readonly #orders: number[][]
  readonly #roomOf: number[]
  readonly #places: Uint32Array
  readonly #seen = new Set<number>()
  /** What each participant was not sent when it was its turn. */
  readonly #skipped = new Map<number, Set<number>>()
  readonly #counts = { doubled: 0, misordered: 0 }
  deliveries = 0

  /** The room of each participant. */
  constructor(rooms: number, roomOf: number[]) {
    this.#orders = Array.from({ length: rooms }, () => [])
    this.#roomOf = roomOf
    this.#places = new Uint32Array(roomOf.length)
  }

  deliver(participant: number, mark: number): void {
    this.deliveries++
    const order = this.#orders[this.#roomOf[participant] ?? 0] ?? []
    const place = this.#places[participant] ?? 0
    if (place === order.length) this.#extend(order, participant, mark)
    else if (order[place] === mark) this.#places[participant] = place + 1
    else this.#explain(order, participant, place, mark)
  }

  has(mark: number): boolean {
    return this.#seen.has(mark)
  }

  isSettled(): boolean {
    return this.#places.every((place, participant) => place === this.#orders[this.#roomOf[participant] ?? 0]?.length)
  }

  /** How many messages a room has had. */
  lengthOf(room: number): number {
    return this.#orders[room]?.length ?? 0
  }

  faults(): string[] {
    const skipped = [...this.#skipped.values()].reduce((sum, marks) => sum + marks.size, 0)
    const missing = this.#places.reduce(
      (sum, place, participant) => sum + (this.#orders[this.#roomOf[participant] ?? 0]?.length ?? 0) - place,
      0,
    )
    return Object.entries({ lost: skipped + missing, ...this.#counts }).flatMap(([fault, count]) =>
      count > 0 ? [`${count} deliveries ${fault}`] : [],
    )
  }

  #extend(order: number[], participant: number, mark: number): void {
    if (this.#seen.has(mark)) {
      this.#counts.doubled++
      return
    }
    this.#seen.add(mark)
    order.push(mark)
    this.#places[participant] = order.length
  }

  /** It is not the next one: something before it is missing, or it came before. */
  #explain(order: number[], participant: number, place: number, mark: number): void {
    const skipped = this.#skipped.get(participant) ?? new Set()
    this.#skipped.set(participant, skipped)
    const at = order.indexOf(mark)
    if (at < 0) this.#counts.misordered++
    else if (at >= place) {
      for (const missing of order.slice(place, at)) skipped.add(missing)
      this.#places[participant] = at + 1
    } else if (skipped.delete(mark)) this.#counts.misordered++
    else this.#counts.doubled++
  }
}

/**
 * For streams that may leave out what a later event supersedes, as an inbox: events of a room only go forward, and the last one
 * arrives. Events go to the rooms in turn, so a mark names its room.
 */
export class LatestLedger implements Ledger {
  readonly #rooms: number
  readonly #latest: Int32Array[]
  readonly #untold = new Set<number>()
  #newest = -1
  #backwards = 0
  deliveries = 0
  /** Streams that began anew in the middle of a run. */
  snapshots = 0

  constructor(rooms: number, participants: number) {
    this.#rooms = rooms
    this.#latest = Array.from({ length: participants }, () => new Int32Array(rooms).fill(-1))
  }

  deliver(participant: number, mark: number): void {
    this.deliveries++
    const latest = this.#latest[participant]
    if (!latest) return
    const room = mark % this.#rooms
    if (mark <= (latest[room] ?? -1)) this.#backwards++
    latest[room] = mark
  }

  /** A snapshot stands for all events before it, whichever they are: what this participant has can't be told any more. */
  beginAnew(participant: number): void {
    if (!this.#latest[participant]?.some((mark) => mark >= 0)) return
    this.snapshots++
    this.#untold.add(participant)
  }

  /** The number of the last event that was published. */
  expect(newest: number): void {
    this.#newest = newest
  }

  isSettled(): boolean {
    return this.#missing() === 0
  }

  faults(): string[] {
    const missing = this.#missing()
    return [
      ...(missing > 0 ? [`${missing} rooms whose last event was lost`] : []),
      ...(this.#backwards > 0 ? [`${this.#backwards} deliveries doubled or misordered`] : []),
    ]
  }

  #missing(): number {
    const oldest = Math.max(0, this.#newest - this.#rooms + 1)
    let missing = 0
    for (let mark = oldest; mark <= this.#newest; mark++) {
      for (const [participant, latest] of this.#latest.entries()) {
        if (!this.#untold.has(participant) && (latest[mark % this.#rooms] ?? -1) < mark) missing++
      }
    }
    return missing
  }
}
