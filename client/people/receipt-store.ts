import type { ChatClient, Receipt } from '../../shared/index.ts'
import { keepSubscribed } from '../store/keep-subscribed.ts'
import { Store } from '../store/observable-store.ts'

/** How far each member has read, by user id. */
export type ReceiptMap = ReadonlyMap<string, Receipt>

/** How far the members of a room have read, live while it has a listener. Empty in a large room, where `receipt.list` pages. */
export class ReceiptStore {
  readonly receipts: Store<ReceiptMap>
  readonly #client: ChatClient
  readonly #roomId: string

  constructor(client: ChatClient, roomId: string) {
    this.#client = client
    this.#roomId = roomId
    this.receipts = new Store<ReceiptMap>(new Map(), () => this.#follow())
  }

  get isInUse(): boolean {
    return this.receipts.isInUse
  }

  #follow(): () => void {
    const unsubscribe = keepSubscribed(
      ({ onError, onComplete }) =>
        this.#client.receipt.onChange.subscribe(
          { roomId: this.#roomId },
          { onData: (receipts) => this.#take(receipts), onError, onComplete },
        ),
      () => this.receipts.set(new Map()),
    )
    return () => {
      unsubscribe()
      this.receipts.set(new Map())
    }
  }

  #take(receipts: Receipt[]) {
    this.receipts.update((known) => new Map([...known, ...receipts.map((each) => [each.userId, each] as const)]))
  }
}
