import { auditRouter } from './audit/audit-router.ts'
import { authRouter } from './auth/auth-router.ts'
import { draftRouter } from './draft/draft-router.ts'
import { inboxRouter } from './inbox/inbox-router.ts'
import { inviteRouter } from './invite/invite-router.ts'
import { memberRouter } from './member/member-router.ts'
import { messageRouter } from './message/message-router.ts'
import { preferencesRouter } from './preferences/preferences-router.ts'
import { presenceRouter } from './presence/presence-router.ts'
import { reactionRouter } from './reaction/reaction-router.ts'
import { receiptRouter } from './receipt/receipt-router.ts'
import { reportRouter } from './report/report-router.ts'
import { roomRouter } from './room/room-router.ts'
import { router } from './rpc/procedures.ts'
import { scheduleRouter } from './schedule/schedule-router.ts'
import { threadRouter } from './thread/thread-router.ts'
import { typingRouter } from './typing/typing-router.ts'
import { userRouter } from './user/user-router.ts'
import { wordFilterRouter } from './word-filter/word-filter-router.ts'

/** All procedures, by noun. */
export const appRouter = router({
  auth: authRouter,
  user: userRouter,
  room: roomRouter,
  member: memberRouter,
  invite: inviteRouter,
  message: messageRouter,
  reaction: reactionRouter,
  draft: draftRouter,
  schedule: scheduleRouter,
  thread: threadRouter,
  receipt: receiptRouter,
  typing: typingRouter,
  presence: presenceRouter,
  preferences: preferencesRouter,
  inbox: inboxRouter,
  report: reportRouter,
  wordFilter: wordFilterRouter,
  audit: auditRouter,
})

export type AppRouter = typeof appRouter
