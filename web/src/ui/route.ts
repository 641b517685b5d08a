import { useSyncExternalStore } from 'react'

const ROOM = /^#\/rooms\/([0-9a-f-]{36})$/i

export const roomHref = (roomId: string): string => `#/rooms/${roomId}`

const subscribe = (listener: () => void) => {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

const openRoomId = (): string | undefined => ROOM.exec(location.hash)?.[1]

/** The room that the address names: reloading keeps it, and the browser's own back button leaves it. */
export const useOpenRoomId = (): string | undefined => useSyncExternalStore(subscribe, openRoomId)

export function showRoom(roomId: string) {
  location.hash = roomHref(roomId)
}

export function showList() {
  location.hash = '#/'
}
