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
/** A shorter interruption of the connection is not shown. */
const UNNOTICED_MS = 300

/** The user whose profile is open, and the element beside it. */
export interface ShownProfile {
  user: UserSummary
  anchor: Anchor
}

/** Everything of one signed-in user: made after the server has said who that is, ended by `close`. */
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
  /** The room whose newest messages are on the screen. New messages there are not unread, even before their receipt is sent. */
  readonly reading = new Store<string | undefined>(undefined)
  /** A message that the viewer wants to see, in any room: the room's timeline goes there. */
  readonly visit = new Store<Visit | undefined>(undefined)
  /** The open profile. */
  readonly profile = new Store<ShownProfile | undefined>(undefined)
  readonly drafts: DraftBox
  readonly visited: VisitedRooms
  readonly changes: ChangeLog
  /** The connection has been lost for longer than a moment: presence and the like may be outdated. */
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
