import { useRef, useState } from 'react'
import { errorSentence } from './error-sentence.ts'

export interface Attempt {
  isBusy: boolean
  /** The error of the last attempt as a sentence; empty if there is none. */
  fault: string
  /** Runs the action unless another one is running; true if it succeeds. */
  attempt: (work: () => Promise<unknown>) => Promise<boolean>
  /** Runs it after all earlier ones: for settings, none of which may be lost. */
  inTurn: (work: () => Promise<unknown>) => Promise<boolean>
}

/** Runs calls to the server, with a busy state and an error sentence. */
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
