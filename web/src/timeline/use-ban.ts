import { useEffect, useState } from 'react'
import { toChatFailure } from '../../../client/client-entry.ts'
import { useChat } from '../../../client/react/react-entry.ts'
import { failureSentence } from '../ui/error-sentence.ts'

/**
 * Until when the viewer is banned from a room, as a sentence, fetched once the room is gone; undefined if they are not banned or
 * it is unknown.
 */
export function useBan(roomId: string, isGone: boolean): string | undefined {
  const { client } = useChat()
  const [sentence, setSentence] = useState<string>()
  useEffect(() => {
    if (!isGone) return
    let isHere = true
    client.room.get.query({ roomId }).catch((error: unknown) => {
      const failure = toChatFailure(error)
      if (isHere && failure.reason === 'MEMBER_BANNED') setSentence(failureSentence(failure))
    })
    return () => {
      isHere = false
      setSentence(undefined)
    }
  }, [client, roomId, isGone])
  return sentence
}
