/** A user among those of all tenants. */
export interface UserKey {
  tenantId: string
  userId: string
}

/** A room among those of all tenants. */
export interface RoomKey {
  tenantId: string
  roomId: string
}

/*
 * The same as text, for maps. A tenant's id and a room's hold no slash, so no two users, rooms or members share a key, whatever a user's id
 * holds. A user's key may equal a room's: a map holds keys of one kind.
 */

export const userKey = ({ tenantId, userId }: UserKey): string => `${tenantId}/${userId}`
export const roomKey = ({ tenantId, roomId }: RoomKey): string => `${tenantId}/${roomId}`
export const memberKey = ({ tenantId, roomId, userId }: RoomKey & UserKey): string => `${tenantId}/${roomId}/${userId}`
