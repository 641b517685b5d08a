import { useEffect, useState } from 'react'
import { useConnection } from '../../../client/react/react-entry.ts'
import { Icon } from '../ui/icons.tsx'

/** A reconnect within this time is nobody's concern. */
const UNNOTICED_MS = 300

/** Says that the connection is away, for as long as it is. */
export function ConnectionBanner() {
  const { status } = useConnection()
  return <output className="banner-place">{status !== 'open' && <Banner />}</output>
}

function Banner() {
  const [isNoticed, setNoticed] = useState(false)

  useEffect(() => {
    const timer = setTimeout(() => setNoticed(true), UNNOTICED_MS)
    return () => clearTimeout(timer)
  }, [])

  return (
    isNoticed && (
      <div className="banner">
        <Icon name="cloud" size={18} />
        <span>
          <strong>Reconnecting…</strong> Messages you write now are sent when you are back online.
        </span>
      </div>
    )
  )
}
