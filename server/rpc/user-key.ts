import type { Session } from './context.ts'

/** Names a user among those of all tenants. A tenant's id holds no slash, so no two users share a key. */
export const userKey = ({ tenantId, userId }: Pick<Session, 'tenantId' | 'userId'>): string => `${tenantId}/${userId}`
