import { useRef, useState } from 'react'
import { errorSentence } from './error-sentence.ts'

export interface Attempt {
  isBusy: boolean
  /** What went wrong with the last one, as a sentence; empty where nothing did. */
  fault: string
  /** Does it, unless another one is under way; true where it went well. */
  attempt: (work: () => Promise<unknown>) => Promise<boolean>
  /** Does it after all that were begun before: for settings, none of which may be lost. */
  inTurn: (work: () => Promise<unknown>) => Promise<boolean>
}

/** For what calls the server: busy meanwhile, and in words what went wrong. */
export function useAttempt(): Attempt {
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState('')
  const last = useRef<Promise<unknown>>(Promise.resolve())

  const run = async (work: () => Promise<unknown>) => {
    setBusy(true)
    setFault('')
    try {
      await work()
      return true
    } catch (error) {
      setFault(errorSentence(error))
      return false
    } finally {
      setBusy(false)
    }
  }

  const inTurn = (work: () => Promise<unknown>) => {
    const turn = last.current.then(() => run(work))
    last.current = turn
    return turn
  }

  return { isBusy, fault, attempt: async (work) => !isBusy && run(work), inTurn }
}
