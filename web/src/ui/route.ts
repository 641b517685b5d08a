import { useSyncExternalStore } from 'react'

const ROOM = /^#\/rooms\/([0-9a-f-]{36})$/i
/** `inviteCode` of shared/invite.ts says what a code may be; anything else opens nothing. */
const INVITE = /^#\/invite\/([\w-]{1,64})$/

export const roomHref = (roomId: string): string => `#/rooms/${roomId}`
export const inviteHref = (code: string): string => `#/invite/${code}`

const subscribe = (listener: () => void) => {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

const openRoomId = (): string | undefined => ROOM.exec(location.hash)?.[1]
const openInviteCode = (): string | undefined => INVITE.exec(location.hash)?.[1]

/** The invite that the address holds: it stays there while somebody signs in first. */
export const useInviteCode = (): string | undefined => useSyncExternalStore(subscribe, openInviteCode)

/** The room that the address names: reloading keeps it, and the browser's own back button leaves it. */
export const useOpenRoomId = (): string | undefined => useSyncExternalStore(subscribe, openRoomId)

export function showRoom(roomId: string) {
  location.hash = roomHref(roomId)
}

export function showList() {
  location.hash = '#/'
}
