import { useEffect, useState } from 'react'
import { afterPaint } from './after-paint.ts'

/** Whether something holds on the screen: a change comes once what was drawn at the same time is there. */
export function useAfterPaint(isSo: boolean): boolean {
  const [wasSo, setWasSo] = useState(false)
  useEffect(() => afterPaint(() => setWasSo(isSo)), [isSo])
  return wasSo
}
