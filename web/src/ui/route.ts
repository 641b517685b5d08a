import { useSyncExternalStore } from 'react'

const ROOM = /^#\/rooms\/([0-9a-f-]{36})(?:\/messages\/([0-9a-f-]{36}))?$/i
/** `inviteCode` of shared/invite.ts defines a valid code. Anything else opens nothing. */
const INVITE = /^#\/invite\/([\w-]{1,64})$/

export const roomHref = (roomId: string): string => `#/rooms/${roomId}`
export const messageHref = (roomId: string, messageId: string): string => `${roomHref(roomId)}/messages/${messageId}`
export const inviteHref = (code: string): string => `#/invite/${code}`

/** A link for others, with the page's own address before it. */
export const fullAddress = (href: string): string => `${location.origin}${location.pathname}${href}`

/** The part of an address that opens something in this page; undefined if it leads elsewhere. */
export function hrefInPage(address: string): string | undefined {
  const { origin, pathname, hash, search } = new URL(address)
  const isHere = origin === location.origin && pathname === location.pathname && search === ''
  return isHere && (ROOM.test(hash) || INVITE.test(hash)) ? hash : undefined
}

const subscribe = (listener: () => void) => {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

const openRoomId = (): string | undefined => ROOM.exec(location.hash)?.[1]
const openInviteCode = (): string | undefined => INVITE.exec(location.hash)?.[1]

/** The invite in the address. It stays there while the user signs in. */
export const useInviteCode = (): string | undefined => useSyncExternalStore(subscribe, openInviteCode)

/** The room in the address: a reload keeps it, and the browser's back button leaves it. */
export const useOpenRoomId = (): string | undefined => useSyncExternalStore(subscribe, openRoomId)

export function showRoom(roomId: string) {
  location.hash = roomHref(roomId)
}

export function showList() {
  location.hash = '#/'
}

/**
 * Calls back with a message of this room that the address names, now or later. The address then names only the room: the same
 * link works again, and a reload of the page does not go back there.
 */
export function onLinkedMessage(roomId: string, onMessage: (messageId: string) => void): () => void {
  const look = () => {
    const [, linkedRoomId, messageId] = ROOM.exec(location.hash) ?? []
    if (!messageId || linkedRoomId !== roomId) return
    history.replaceState(history.state, '', roomHref(roomId))
    onMessage(messageId)
  }
  look()
  return subscribe(look)
}
