import { useEffect, useState } from 'react'
import { afterPaint } from './after-paint.ts'

/** Whether a condition holds on the screen: it changes after the drawing of the same moment is painted. */
export function useAfterPaint(isSo: boolean): boolean {
  const [wasSo, setWasSo] = useState(false)
  useEffect(() => afterPaint(() => setWasSo(isSo)), [isSo])
  return wasSo
}
