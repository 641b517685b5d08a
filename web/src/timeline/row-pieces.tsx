import type { RefObject } from 'react'
import { useViewer } from '../../../client/react/react-entry.ts'
import { ChangeLine } from './change-line.tsx'
import type { MessageActs, MessageRights } from './message-acts.ts'
import { MessageRow } from './message-row.tsx'
import type { Piece } from './row-window.ts'
import { DayLine, NewLine } from './timeline-lines.tsx'
import type { Row } from './timeline-rows.ts'

interface RowPiecesProps {
  rows: readonly Row[]
  pieces: readonly Piece[]
  list: RefObject<HTMLDivElement | null>
  roomId: string
  rights: MessageRights
  /** The row with the "seen by" line below it, and its text. */
  seen: { key: string; words: string } | undefined
  editedId: string | undefined
  markedId: string | undefined
  reachableKey: string | undefined
  pointedKey: string | undefined
  acts: MessageActs
}

/** The rows of a timeline that are in the page: one element each, and one for each gap. */
export function RowPieces({ rows, pieces, list, ...props }: RowPiecesProps) {
  return (
    <div className="timeline-rows" ref={list}>
      {pieces.map((piece) => {
        if (piece.type === 'gap') {
          // Gaps before the first row, between rows and after the last one have their own keys. The following pieces keep theirs.
          const key = `gap ${piece.first === 0 ? 'first' : (rows[piece.last + 1]?.key ?? 'last')}`
          return <div key={key} className="row-gap" style={{ height: piece.height }} />
        }
        const row = rows[piece.index]
        return row && <RowPiece key={row.key} row={row} {...props} />
      })}
    </div>
  )
}

type RowPieceProps = Omit<RowPiecesProps, 'rows' | 'pieces' | 'list'> & { row: Row }

function RowPiece({ row, seen, editedId, markedId, reachableKey, pointedKey, ...props }: RowPieceProps) {
  const viewer = useViewer()
  if (row.type === 'day') return <DayLine at={row.at} />
  if (row.type === 'new') return <NewLine />
  if (row.type === 'change') return <ChangeLine changes={row.changes} />
  const { entry, key, startsGroup } = row
  const messageId = entry.message?.id
  return (
    <MessageRow
      {...props}
      entry={entry}
      startsGroup={startsGroup}
      isOwn={entry.sender.id === viewer.id}
      seen={seen?.key === key ? seen.words : ''}
      isEdited={messageId !== undefined && messageId === editedId}
      isSought={messageId !== undefined && messageId === markedId}
      isReachable={key === reachableKey}
      isPointed={key === pointedKey}
    />
  )
}
