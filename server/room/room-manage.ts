import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { roomInputs } from '../../shared/room.ts'
import { recordAct } from '../audit/audit-write.ts'
import { ChatError } from '../errors/chat-error.ts'
import { changeRoomAs } from '../log/authorized-change.ts'
import type { RoomChangeServices } from '../log/room-change.ts'
import type { Session } from '../rpc/context.ts'

type UpdateInput = z.output<typeof roomInputs.update>

/** Changes the given fields; repeating a value changes nothing. The history setting applies to members who join later. */
export function updateRoom(
  services: RoomChangeServices,
  session: Session,
  { roomId, ...input }: UpdateInput,
): Promise<void> {
  return changeRoomAs(services, session, { roomId, permission: 'room.update' }, async ({ change }) => {
    if (change.room.archived_at) throw new ChatError('ROOM_ARCHIVED')
    const { room } = change
    const {
      name = room.name,
      description = room.description,
      isPrivate: is_private = room.is_private,
      slowModeSeconds: slow_mode_seconds = room.slow_mode_seconds,
      historyVisibility: history_visibility = room.history_visibility,
      meta = room.meta,
    } = input
    const settings = { name, description, is_private, slow_mode_seconds, history_visibility }
    if (isDeepStrictEqual({ ...room, ...settings, meta }, room)) return
    change.updateRoom({ ...settings, meta: JSON.stringify(meta) })
    await recordAct(change.tx, session, { action: 'room.update', roomId, detail: input })
  })
}

/** Archives or restores a room. Repeating it changes nothing. */
export function setArchived(
  services: RoomChangeServices,
  session: Session,
  roomId: string,
  isArchived: boolean,
): Promise<void> {
  return changeRoomAs(services, session, { roomId, permission: 'room.archive' }, async ({ change }) => {
    if ((change.room.archived_at !== null) === isArchived) return
    change.updateRoom({ archived_at: isArchived ? new Date() : null })
    await recordAct(change.tx, session, { action: isArchived ? 'room.archive' : 'room.unarchive', roomId })
  })
}

/** Freezes or unfreezes a room. A frozen room can be read but not written to. */
export function setFrozen(
  services: RoomChangeServices,
  session: Session,
  roomId: string,
  isFrozen: boolean,
): Promise<void> {
  return changeRoomAs(services, session, { roomId, permission: 'room.archive' }, async ({ change }) => {
    if ((change.room.frozen_at !== null) === isFrozen) return
    change.updateRoom({ frozen_at: isFrozen ? new Date() : null })
    await recordAct(change.tx, session, { action: isFrozen ? 'room.freeze' : 'room.unfreeze', roomId })
  })
}

/** Deletes a room for everybody: streams end with `room.deleted`, and every call responds as if it had never existed. */
export function deleteRoom(services: RoomChangeServices, session: Session, roomId: string): Promise<void> {
  return changeRoomAs(services, session, { roomId, permission: 'room.delete' }, async ({ change }) => {
    change.updateRoom({ deleted_at: new Date() }, 'room.deleted')
    await recordAct(change.tx, session, { action: 'room.delete', roomId, detail: { name: change.room.name } })
  })
}
