import type { TrackedEnvelope } from '@trpc/server'
import type { Member } from '../../shared/member.ts'
import type { Page } from '../../shared/page.ts'
import { type MyRoom, type Room, type RoomState, roomInputs } from '../../shared/room.ts'
import type { RoomChanges, RoomEvent, RoomSync } from '../../shared/room-event.ts'
import { readRoomState } from '../log/live/room-snapshot.ts'
import { roomStream } from '../log/live/room-stream.ts'
import { syncRooms } from '../log/live/room-sync.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { createRoom, directRoom } from './room-create.ts'
import { joinRoom, leaveRoom } from './room-join.ts'
import { deleteRoom, setArchived, setFrozen, updateRoom } from './room-manage.ts'
import { discoverRooms, listMyRooms, readChanges, readMyRoom } from './room-read.ts'
import { changeSettings } from './room-settings.ts'

export const roomRouter = router({
  create: userProcedure.input(roomInputs.create).mutation(async ({ ctx, input }): Promise<MyRoom> => {
    const roomId = await createRoom(ctx.services, ctx.session, input)
    return readMyRoom(ctx.services, ctx.session, roomId)
  }),

  direct: userProcedure.input(roomInputs.direct).mutation(async ({ ctx, input }): Promise<MyRoom> => {
    const roomId = await directRoom(ctx.services, ctx.session, input.userId)
    return readMyRoom(ctx.services, ctx.session, roomId)
  }),

  get: userProcedure
    .input(roomInputs.get)
    .query(({ ctx, input }): Promise<MyRoom> => readMyRoom(ctx.services, ctx.session, input.roomId)),

  list: userProcedure
    .input(roomInputs.list.prefault({}))
    .query(({ ctx, input }): Promise<Page<MyRoom>> => listMyRooms(ctx.services, ctx.session, input)),

  snapshot: userProcedure
    .input(roomInputs.snapshot)
    .query(
      ({ ctx, input }): Promise<RoomState> => readRoomState(ctx.services, ctx.session, input.roomId, input.messages),
    ),

  discover: userProcedure
    .input(roomInputs.discover.prefault({}))
    .query(({ ctx, input }): Promise<Page<Room>> => discoverRooms(ctx.services, ctx.session, input)),

  update: userProcedure.input(roomInputs.update).mutation(async ({ ctx, input }): Promise<MyRoom> => {
    await updateRoom(ctx.services, ctx.session, input)
    return readMyRoom(ctx.services, ctx.session, input.roomId)
  }),

  archive: userProcedure
    .input(roomInputs.byId)
    .mutation(({ ctx, input }): Promise<void> => setArchived(ctx.services, ctx.session, input.roomId, true)),

  unarchive: userProcedure
    .input(roomInputs.byId)
    .mutation(({ ctx, input }): Promise<void> => setArchived(ctx.services, ctx.session, input.roomId, false)),

  freeze: userProcedure
    .input(roomInputs.byId)
    .mutation(({ ctx, input }): Promise<void> => setFrozen(ctx.services, ctx.session, input.roomId, true)),

  unfreeze: userProcedure
    .input(roomInputs.byId)
    .mutation(({ ctx, input }): Promise<void> => setFrozen(ctx.services, ctx.session, input.roomId, false)),

  delete: userProcedure
    .input(roomInputs.byId)
    .mutation(({ ctx, input }): Promise<void> => deleteRoom(ctx.services, ctx.session, input.roomId)),

  join: userProcedure
    .input(roomInputs.join)
    .mutation(({ ctx, input }): Promise<Member> => joinRoom(ctx.services, ctx.session, input)),

  leave: userProcedure
    .input(roomInputs.byId)
    .mutation(({ ctx, input }): Promise<void> => leaveRoom(ctx.services, ctx.session, input.roomId)),

  settings: userProcedure.input(roomInputs.settings).mutation(async ({ ctx, input }): Promise<MyRoom> => {
    await changeSettings(ctx.services, ctx.session, input)
    return readMyRoom(ctx.services, ctx.session, input.roomId)
  }),

  changes: userProcedure
    .input(roomInputs.changes)
    .query(({ ctx, input }): Promise<RoomChanges> => readChanges(ctx.services, ctx.session, input, ctx.signal)),

  sync: userProcedure
    .input(roomInputs.sync)
    .query(
      ({ ctx, input }): Promise<Record<string, RoomSync>> =>
        syncRooms(ctx.services, ctx.session, input.positions, ctx.signal),
    ),

  onEvent: userProcedure
    .input(roomInputs.onEvent)
    .subscription(
      ({ ctx: { services, session, signal }, input }): AsyncIterable<TrackedEnvelope<RoomEvent>, void> =>
        roomStream({ services, session, roomId: input.roomId, signal }, input.lastEventId),
    ),
})
