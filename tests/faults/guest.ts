import { setTimeout as sleep } from 'node:timers/promises'
import type { ChatClient } from '../../shared/index.ts'
import { newId } from '../support/test-app.ts'
import type { Dice } from './dice.ts'
import { during } from './fault.ts'
import type { GuestJournal, JournaledSend } from './journal.ts'
import { chatOf, type Place } from './journaling-client.ts'
import { persistently, reasonOf } from './patience.ts'

const BURST = 6

/**
 * Somebody whom the room's owner takes in and throws out again and again, in the middle of a burst of messages: what is said after
 * the removal must not be there.
 */
export class Guest {
  readonly #place: Place
  readonly #own: ChatClient
  readonly #owner: ChatClient
  readonly #journal: GuestJournal

  constructor(url: string, place: Place, owner: string) {
    this.#place = place
    this.#own = chatOf(url, place)
    this.#owner = chatOf(url, { tenant: place.tenant, user: owner })
    const { tenant, roomId, user } = place
    this.#journal = { tenant, roomId, user, sends: [], surprises: [] }
  }

  /** Comes and goes until the signal aborts; resolves when everything is answered. */
  async visit(dice: Dice, signal: AbortSignal): Promise<void> {
    const { roomId, user: userId } = this.#place
    while (await during(signal, dice.between(50, 400))) {
      await this.#ask(() => this.#owner.member.add.mutate({ roomId, userIds: [userId] }))
      const sends: Promise<void>[] = []
      const removal = sleep(dice.between(0, 60)).then(() =>
        this.#ask(() => this.#owner.member.remove.mutate({ roomId, userId })),
      )
      for (let count = 0; count < BURST; count++) {
        sends.push(this.#send())
        await sleep(dice.between(1, 30))
      }
      await Promise.all([removal, ...sends])
    }
  }

  get journal(): GuestJournal {
    return this.#journal
  }

  async close(): Promise<void> {
    await Promise.all([this.#own.close(), this.#owner.close()])
  }

  async #send(): Promise<void> {
    const { roomId, mark, user } = this.#place
    const content = `${mark}/${user} ${this.#journal.sends.length + 1}`
    const send: JournaledSend = { clientId: newId(), content, acknowledged: [], askedAt: performance.now(), tries: 0 }
    this.#journal.sends.push(send)
    await this.#ask(async () => {
      const { id, seq } = await this.#own.message.send.mutate({ roomId, clientId: send.clientId, content })
      send.acknowledged = [{ id, seq, content }]
    })
  }

  /** Who is in already, or out already, is told so, and that is well. */
  async #ask(call: () => Promise<unknown>): Promise<void> {
    try {
      await persistently(call)
    } catch (error) {
      const reason = reasonOf(error)
      if (reason !== 'NOT_FOUND' && reason !== 'NOT_A_MEMBER')
        this.#journal.surprises.push(`was refused: ${String(error)}`)
    }
  }
}
