import { loadSignIn } from './sign-in.ts'

/** Asks a development server for demo people who answer; resolves with their room. @throws an Error with a sentence to show */
export async function inviteDemoPeople(): Promise<string> {
  const answer = await ask(loadSignIn()?.token ?? '')
  const body: unknown = await answer.json().catch(() => undefined)
  if (answer.ok && typeof body === 'object' && body && 'roomId' in body && typeof body.roomId === 'string')
    return body.roomId
  throw new Error(
    answer.status === 403
      ? 'You can invite demo people only on the machine that runs the server.'
      : 'The server can’t invite demo people. Try again.',
  )
}

async function ask(token: string): Promise<Response> {
  try {
    return await fetch('/dev/demo', { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  } catch {
    throw new Error('The server isn’t responding. Is it running?')
  }
}
