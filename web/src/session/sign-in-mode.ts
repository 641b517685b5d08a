import { useEffect, useState } from 'react'

/** How people sign in on this server: by name in development, else with a token of the application that the chat belongs to. */
export type SignInMode = 'name' | 'token'

/** Undefined until the server has answered. Where it does not, what works in development is offered. */
export function useSignInMode(): SignInMode | undefined {
  const [mode, setMode] = useState<SignInMode>()
  useEffect(() => {
    let isHere = true
    void askForMode().then((answer) => isHere && setMode(answer))
    return () => {
      isHere = false
    }
  }, [])
  return mode
}

async function askForMode(): Promise<SignInMode> {
  try {
    const answer: unknown = await (await fetch('/sign-in')).json()
    return typeof answer === 'object' && answer && 'byName' in answer && answer.byName === false ? 'token' : 'name'
  } catch {
    return 'name'
  }
}
