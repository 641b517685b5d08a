import { sql } from 'kysely'
import type { Meta } from '../../shared/json.ts'
import { toName } from '../../shared/text.ts'
import type { User } from '../../shared/user.ts'
import type { Services } from '../rpc/context.ts'
import { toUser } from './user-shape.ts'

interface Profile {
  name?: string | undefined
  pictureUrl?: string | null | undefined
  meta?: Meta | undefined
}

/**
 * Writes a profile and creates the user if necessary. Omitted fields stay unchanged. If the name or picture changes, the copies
 * in member rows follow in the background, room by room, and each room's log reports the change to its members.
 */
export async function changeUser(
  services: Pick<Services, 'database' | 'profiles'>,
  tenantId: string,
  userId: string,
  profile: Profile,
): Promise<User> {
  const { name, pictureUrl, meta } = profile
  const change = {
    ...(name === undefined ? {} : { name }),
    ...(pictureUrl === undefined ? {} : { picture_url: pictureUrl }),
    ...(meta === undefined ? {} : { meta: JSON.stringify(meta) }),
    updated_at: new Date(),
  }
  const row = await services.database.db
    .insertInto('users')
    .values({ name: toName(userId, 'user'), ...change, tenant_id: tenantId, id: userId })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'id']).doUpdateSet({
        ...change,
        // Copies only follow if they would show something else.
        is_profile_spreading: sql`users.is_profile_spreading
          or users.name <> ${name ?? sql`users.name`}
          or users.picture_url is distinct from ${pictureUrl === undefined ? sql`users.picture_url` : pictureUrl}`,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
  if (row.is_profile_spreading) services.profiles.propagate(tenantId, userId)
  return toUser(row, true)
}
