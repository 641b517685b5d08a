import { useStore } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icons.tsx'

/** Says that the connection is lost, as long as it is. */
export function ConnectionBanner() {
  const isAway = useStore(useSession().isAway)
  return (
    <output className="banner-place">
      {isAway && (
        <div className="banner">
          <Icon name="cloud" size={18} />
          <span>
            <strong>Reconnecting…</strong> Messages you write now are sent when you are back online.
          </span>
        </div>
      )}
    </output>
  )
}
