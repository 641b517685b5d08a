import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server'
import { z } from 'zod'
import type { App } from '../../server/app.ts'
import { appRouter } from '../../server/app-router.ts'
import { CHAT_ERRORS, type ChatErrorReason } from '../../shared/errors.ts'

/** The types nest procedures by noun; the router itself has them flat, by path. */
const router: AnyTRPCRouter = appRouter
export const procedures: Record<string, AnyTRPCProcedure> = router._def.procedures

/** As `createCaller` does it, with the procedure named by its path. Of a subscription the first event is the answer. */
export async function callByPath(
  caller: ReturnType<App['createCaller']>,
  path: string,
  input: unknown,
): Promise<unknown> {
  const procedure = path.split('.').reduce<unknown>((at, name) => Reflect.get(Object(at), name), caller)
  if (typeof procedure !== 'function') throw new TypeError(`${path} can't be called`)
  const answer: unknown = await Reflect.apply(procedure, undefined, [input])
  return isStream(answer) ? firstOf(answer) : answer
}

const isStream = (answer: unknown): answer is AsyncIterable<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer

async function firstOf(stream: AsyncIterable<unknown>): Promise<unknown> {
  for await (const event of stream) return event
  throw new Error('The stream ended without an event')
}

/** `data.reason` of an error as clients see it. */
export function reasonOf(error: unknown): ChatErrorReason {
  const { data } = z.object({ data: z.object({ reason: z.string() }) }).parse(error)
  const reason = Object.keys(CHAT_ERRORS).find((known): known is ChatErrorReason => known === data.reason)
  if (!reason) throw new Error(`${data.reason} is not in the table of errors`)
  return reason
}
