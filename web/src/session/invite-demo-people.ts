import { loadSignIn } from './sign-in.ts'

/** Asks a development server for people who answer; resolves with the room that they are in. @throws an Error with a sentence to show */
export async function inviteDemoPeople(): Promise<string> {
  const answer = await ask(loadSignIn()?.token ?? '')
  const body: unknown = await answer.json().catch(() => undefined)
  if (answer.ok && typeof body === 'object' && body && 'roomId' in body && typeof body.roomId === 'string')
    return body.roomId
  throw new Error(
    answer.status === 403
      ? 'Demo people can be invited only on the machine that the server runs on.'
      : 'The server can’t invite demo people. Try again.',
  )
}

async function ask(token: string): Promise<Response> {
  try {
    return await fetch('/dev/demo', { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  } catch {
    throw new Error('The server does not answer. Is it running?')
  }
}
