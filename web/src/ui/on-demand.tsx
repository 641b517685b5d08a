import { type ComponentType, useEffect, useState } from 'react'
import { useSession } from '../session/session-context.ts'

const NOT_LOADED = 'Couldn’t load this part of the page. Check your connection and try again.'

/** A component whose code is fetched when it is first drawn. Where that fails a notice says so, and the component is closed. */
export function onDemand<P extends { onClose: () => void }>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined
  return function OnDemand(props: P) {
    const { toasts } = useSession()
    const [Part, setPart] = useState(() => loaded)
    const { onClose } = props
    useEffect(() => {
      if (Part) return
      let isHere = true
      load().then(
        (part) => {
          loaded = part
          if (isHere) setPart(() => part)
        },
        () => {
          if (!isHere) return
          toasts.note(NOT_LOADED)
          onClose()
        },
      )
      return () => {
        isHere = false
      }
    }, [Part, toasts, onClose])
    return Part ? <Part {...props} /> : null
  }
}
