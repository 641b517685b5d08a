/** Something that has gathered what it will do at the end of this turn of the event loop. */
export interface Flushable {
  flush(): void
}

/** Lets all that was added flush once, after every callback of this turn: one `setImmediate` for as many as there are. */
export class TurnFlusher {
  #due: Flushable[] = []
  readonly #flush = () => {
    const due = this.#due
    this.#due = []
    for (const each of due) each.flush()
  }

  /** To be called once a turn for each. */
  add(each: Flushable): void {
    if (this.#due.push(each) === 1) setImmediate(this.#flush)
  }
}
