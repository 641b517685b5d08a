import { useEffect, useState } from 'react'

/** How users sign in on this server: by name in development, otherwise with a token of the host application. */
export type SignInMode = 'name' | 'token'

interface SignInOffer {
  mode: SignInMode
  /** In development, demo people who answer can be invited. */
  hasDemoPeople: boolean
}

/** Undefined until the server has answered. If it does not answer, the page offers the development sign-in. */
export const useSignInMode = (): SignInMode | undefined => useSignInOffer()?.mode

export const useHasDemoPeople = (): boolean => useSignInOffer()?.hasDemoPeople ?? false

function useSignInOffer(): SignInOffer | undefined {
  const [offer, setOffer] = useState<SignInOffer>()
  useEffect(() => {
    let isHere = true
    void askForOffer().then((answer) => isHere && setOffer(answer))
    return () => {
      isHere = false
    }
  }, [])
  return offer
}

async function askForOffer(): Promise<SignInOffer> {
  try {
    const answer: unknown = await (await fetch('/sign-in')).json()
    if (typeof answer !== 'object' || !answer) return UNKNOWN
    return {
      mode: 'byName' in answer && answer.byName === false ? 'token' : 'name',
      hasDemoPeople: 'hasDemoPeople' in answer && answer.hasDemoPeople === true,
    }
  } catch {
    return UNKNOWN
  }
}

const UNKNOWN: SignInOffer = { mode: 'name', hasDemoPeople: false }
