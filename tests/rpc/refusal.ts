import { z } from 'zod'
import { ChatError } from '../../server/errors/chat-error.ts'
import { MAX_ISSUES } from '../../shared/errors.ts'

/** A call that should be refused, by what is wrong with it. */
export type Attempt = [what: string, call: () => Promise<unknown>]

/** How a call in process was refused; undefined where it was not. */
export async function refusalOf(call: () => Promise<unknown>): Promise<ChatError | undefined> {
  try {
    await call()
    return undefined
  } catch (error) {
    if (error instanceof ChatError) return error
    throw error
  }
}

/** Those of the attempts that were not refused as they should be: as INVALID_INPUT, with the field's name and no other. */
export async function notRefused(field: string, attempts: Attempt[]): Promise<string[]> {
  const faults: string[] = []
  for (const [what, call] of attempts) {
    const fault = faultOf(await refusalOf(call), field)
    if (fault) faults.push(`${field}, ${what}: ${fault}`)
  }
  return faults
}

function faultOf(error: ChatError | undefined, field: string): string | undefined {
  if (!error) return 'is taken'
  if (error.reason !== 'INVALID_INPUT') return `is answered by ${error.reason}`
  const paths = error.issues?.map((issue) => issue.path) ?? []
  if (paths.length > MAX_ISSUES) return `is answered by ${paths.length} issues`
  const isNamed = paths.length > 0 && paths.every((path) => path === field || path.startsWith(`${field}.`))
  return isNamed ? undefined : `is put down to "${paths.join()}"`
}

/** What no caller gets to see: stacks, files, statements, the words of the database. */
export const INNARDS =
  /"stack"|\\n\s+at |node_modules|\.ts\b|\b(select|insert|update) .*\b(from|into|set)\b|relation|postgres|kysely|syntax/i

const wireError = z.object({ json: z.object({ message: z.string(), data: z.record(z.string(), z.unknown()) }) })

/** An answer as it is on the wire, before any client made something of it. */
export const wireAnswer = z.object({
  id: z.number().nullish(),
  error: wireError.optional(),
  result: z.unknown().optional(),
})
export type WireAnswer = z.infer<typeof wireAnswer>

/** `error.data` of an answer over HTTP; undefined where it is no error of a procedure. */
export const errorData = (text: string): Record<string, unknown> | undefined =>
  wireAnswer.safeParse(JSON.parse(text)).data?.error?.json.data
