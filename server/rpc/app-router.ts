import { authRouter } from '../auth/auth-router.ts'
import { inboxRouter } from '../inbox/inbox-router.ts'
import { memberRouter } from '../member/member-router.ts'
import { messageRouter } from '../message/message-router.ts'
import { presenceRouter } from '../presence/presence-router.ts'
import { receiptRouter } from '../receipt/receipt-router.ts'
import { roomRouter } from '../room/room-router.ts'
import { typingRouter } from '../typing/typing-router.ts'
import { userRouter } from '../user/user-router.ts'
import { router } from './procedures.ts'

/** Everything that can be called, by noun. */
export const appRouter = router({
  auth: authRouter,
  user: userRouter,
  room: roomRouter,
  member: memberRouter,
  message: messageRouter,
  receipt: receiptRouter,
  typing: typingRouter,
  presence: presenceRouter,
  inbox: inboxRouter,
})

export type AppRouter = typeof appRouter
