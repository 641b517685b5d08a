import { useQueryClient } from '@tanstack/react-query'
import type { inferRouterInputs } from '@trpc/server'
import { useAdminQueries, useChat } from '../../../client/react/react-entry.ts'
import type { AppRouter } from '../../../shared/index.ts'

type NewSchedule = Omit<inferRouterInputs<AppRouter>['schedule']['create'], 'roomId' | 'clientId'>

/** Schedules a message of this room; resolves when the server has accepted it. */
export function useSchedule(roomId: string): (message: NewSchedule) => Promise<void> {
  const { client } = useChat()
  const queries = useAdminQueries()
  const queryClient = useQueryClient()
  return async (message) => {
    await client.schedule.create.mutate({ ...message, roomId, clientId: crypto.randomUUID() })
    void queryClient.invalidateQueries({ queryKey: queries.scheduled(roomId).queryKey })
  }
}
