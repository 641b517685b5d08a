import { sql } from 'kysely'

/** Whether this user has not hidden the message of `messages`: a look-up by a whole key. */
export const notHiddenFrom = (userId: string) => sql<boolean>`
  not exists (
    select from hidden_messages as hidden
    where hidden.tenant_id = messages.tenant_id and hidden.room_id = messages.room_id
      and hidden.user_id = ${userId} and hidden.seq = messages.seq
  )`
