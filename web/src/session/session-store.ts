import { Store, toChatFailure } from '../../../client/client-entry.ts'
import { type ChatErrorReason, type ConnectionState, createChatClient } from '../../../shared/index.ts'
import { failureSentence, reasonSentence } from '../ui/error-sentence.ts'
import { ChatSession } from './chat-session.ts'
import { fetchDevToken } from './dev-token.ts'
import { forgetSignIn, loadSignIn, onDeviceSignIn, type SignIn, saveSignIn, tokenOf } from './sign-in.ts'

/**
 * signed-out -> connecting -> open, and back to signed-out. From connecting or open the server may refuse for good: `refused`,
 * which only a new sign-in leaves. `failed` is a first connection that got no answer, and can be tried again.
 */
export type SessionState =
  | { phase: 'signed-out' }
  | { phase: 'connecting' }
  | { phase: 'open'; session: ChatSession }
  | ({ phase: 'refused' | 'failed' } & EndedSession)

/** A sign-in that failed, or that the server ended. */
export interface EndedSession {
  /** The reason. */
  sentence: string
  /** It was tried with a pasted token, not by name. */
  hadToken: boolean
}

/** The sign-in state of this window. */
export class SessionStore {
  readonly state = new Store<SessionState>({ phase: 'signed-out' })
  #end: () => void = () => undefined
  #signIn: SignIn | undefined

  /**
   * Restores the session of this window after a reload, or the one that this device keeps; follows sign-ins and sign-outs there.
   */
  resume() {
    const signIn = loadSignIn()
    if (signIn) void this.#open(signIn)
    onDeviceSignIn((isSignedIn) => {
      const kept = loadSignIn()
      if (isSignedIn && kept?.stays && !this.#signIn) void this.#open(kept)
      else if (!isSignedIn && this.#signIn?.stays) this.signOut()
    })
  }

  /** @throws what `fetchDevToken` throws. */
  async signInByName(name: string, stays: boolean) {
    await this.#open({ name, token: await fetchDevToken(name), stays })
  }

  async signInByToken(token: string, stays: boolean) {
    await this.#open({ name: null, token, stays })
  }

  signOut() {
    this.#end()
    this.#forget()
    this.state.set({ phase: 'signed-out' })
  }

  #forget() {
    if (this.#signIn) forgetSignIn(this.#signIn)
    this.#signIn = undefined
  }

  async #open(signIn: SignIn) {
    this.#end()
    this.#signIn = signIn
    saveSignIn(signIn)
    const client = createChatClient({ url: location.origin, token: tokenOf(signIn) })
    let session: ChatSession | undefined
    let isOver = false
    const hadToken = signIn.name === null
    const end = () => {
      isOver = true
      unwatch()
      session?.close()
      void client.close()
    }
    const refuse = async (reason: ChatErrorReason) => {
      if (isOver) return
      end()
      this.#forget()
      if (reason === 'USER_BANNED') this.state.set({ phase: 'connecting' })
      const sentence = reason === 'USER_BANNED' ? await banSentence(signIn) : reasonSentence(reason)
      if (this.#end === end) this.state.set({ phase: 'refused', sentence, hadToken })
    }
    const watch = ({ status, reason }: ConnectionState) => {
      if (status === 'closed' && reason) void refuse(reason)
    }
    const unwatch = client.connection.subscribe(watch)
    this.#end = end
    this.state.set({ phase: 'connecting' })
    try {
      const me = await client.auth.me.query()
      if (isOver) return
      session = new ChatSession(client, me)
      this.state.set({ phase: 'open', session })
    } catch (error) {
      if (isOver) return
      const failure = toChatFailure(error)
      const { reason } = failure
      if (reason === 'TOKEN_INVALID' || reason === 'USER_BANNED') return await refuse(reason)
      end()
      this.state.set({ phase: 'failed', sentence: failureSentence(failure), hadToken })
    }
  }
}

/** How long the server may take to say until when a user is banned. */
const BAN_PATIENCE_MS = 3_000

/** A connection that the server closes carries only the reason. The answer to a call over HTTP also says until when. */
async function banSentence(signIn: SignIn): Promise<string> {
  const client = createChatClient({ url: location.origin, token: tokenOf(signIn), calls: 'http' })
  try {
    await client.auth.me.query(undefined, { signal: AbortSignal.timeout(BAN_PATIENCE_MS) })
  } catch (error) {
    const failure = toChatFailure(error)
    if (failure.reason === 'USER_BANNED') return failureSentence(failure)
  } finally {
    void client.close()
  }
  return reasonSentence('USER_BANNED')
}
