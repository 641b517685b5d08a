import type { Member } from '../../shared/member.ts'
import type { Page } from '../../shared/page.ts'
import { readAccess } from '../access/access.ts'
import { readSnapshot } from '../db/transaction.ts'
import { toMember } from '../log/member-shape.ts'
import type { Services, Session } from '../rpc/context.ts'

interface ListInput {
  roomId: string
  cursor?: string | undefined
  limit: number
}

/** Who is in the room, in the order of first joining. */
export async function listMembers(
  services: Pick<Services, 'database' | 'cursors'>,
  session: Session,
  { roomId, cursor, limit }: ListInput,
): Promise<Page<Member>> {
  const scope = `member.list/${roomId}`
  const [from = 0] = (await services.cursors.decode(scope, cursor, ['seq'])) ?? []
  return readSnapshot(services.database.db, async (tx) => {
    await readAccess(tx, session, roomId)
    const rows = await tx
      .selectFrom('members')
      .selectAll()
      .where('tenant_id', '=', session.tenantId)
      .where('room_id', '=', roomId)
      .where('left_at', 'is', null)
      .where('seq', '>', from)
      .orderBy('seq')
      .limit(limit + 1)
      .execute()
    const items = rows.slice(0, limit).map(toMember)
    const last = items.at(-1)
    return { items, nextCursor: rows.length > limit && last ? services.cursors.encode(scope, [last.seq]) : null }
  })
}
