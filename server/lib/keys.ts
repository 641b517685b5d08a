/** Identifies a user across tenants. */
export interface UserKey {
  tenantId: string
  userId: string
}

/** Identifies a room across tenants. */
export interface RoomKey {
  tenantId: string
  roomId: string
}

/*
 * The same keys as text, for maps. Ids of tenants and rooms contain no slash, so no two users, rooms or members share a key,
 * whatever a user id contains. A user's key may equal a room's: each map holds keys of one kind.
 */

export const userKey = ({ tenantId, userId }: UserKey): string => `${tenantId}/${userId}`
export const roomKey = ({ tenantId, roomId }: RoomKey): string => `${tenantId}/${roomId}`
export const memberKey = ({ tenantId, roomId, userId }: RoomKey & UserKey): string => `${tenantId}/${roomId}/${userId}`
