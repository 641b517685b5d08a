import { QueryClient } from '@tanstack/react-query'
import { isRetryable, LiveChat, Store, toChatFailure } from '../../../client/client-entry.ts'
import type { ChatClient, Me, UserSummary } from '../../../shared/index.ts'
import { RecentEmoji } from '../emoji/recent-emoji.ts'
import { PartLoader } from '../later/part-loader.ts'
import { ChangeLog } from '../timeline/change-log.ts'
import { ToastStore } from '../ui/toast-store.ts'
import type { Anchor } from '../ui/use-popup.ts'
import { DraftBox } from './draft-box.ts'
import type { Visit } from './visit.ts'
import { VisitedRooms } from './visited-rooms.ts'

const QUERY_ATTEMPTS = 3
/** A reconnect within this time is nobody's concern. */
const UNNOTICED_MS = 300

/** Whose profile is open, and beside what. */
export interface ShownProfile {
  user: UserSummary
  anchor: Anchor
}

/** Everything that one signed-in person has open: made after the server has said who that is, ended by `close`. */
export class ChatSession {
  readonly chat: LiveChat
  readonly queryClient = new QueryClient({
    defaultOptions: {
      queries: { retry: (failures, error) => failures < QUERY_ATTEMPTS && isRetryable(toChatFailure(error)) },
    },
  })
  readonly toasts = new ToastStore()
  readonly recentEmoji = new RecentEmoji()
  readonly partLoader = new PartLoader()
  /** The room whose newest messages are before the viewer's eyes: what comes there is not unread, even before its receipt is. */
  readonly reading = new Store<string | undefined>(undefined)
  /** A message that the viewer wants to see, in whichever room: the room's timeline goes there. */
  readonly visit = new Store<Visit | undefined>(undefined)
  /** Whose profile the viewer looks at. */
  readonly profile = new Store<ShownProfile | undefined>(undefined)
  readonly drafts: DraftBox
  readonly visited: VisitedRooms
  readonly changes: ChangeLog
  /** The connection is away for longer than a moment: what was last known of the others may not hold any more. */
  readonly isAway: Store<boolean>

  constructor(client: ChatClient, me: Me) {
    this.chat = new LiveChat(client, me)
    this.isAway = new Store(false, () => this.#watchConnection())
    this.drafts = new DraftBox(client)
    this.visited = new VisitedRooms(`confab.visited/${me.tenant}/${me.user.id}`)
    this.changes = new ChangeLog(this.chat)
  }

  #watchConnection(): () => void {
    const { connection } = this.chat
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = () => {
      clearTimeout(timer)
      if (connection.get().status === 'open') this.isAway.set(false)
      else timer = setTimeout(() => this.isAway.set(true), UNNOTICED_MS)
    }
    const unsubscribe = connection.subscribe(look)
    look()
    return () => {
      unsubscribe()
      clearTimeout(timer)
      this.isAway.set(false)
    }
  }

  close() {
    this.drafts.close()
    this.changes.close()
    this.queryClient.clear()
    this.toasts.clear()
  }
}
