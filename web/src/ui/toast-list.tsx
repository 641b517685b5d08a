import { useStore } from '../../../client/react/react-entry.ts'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import type { ToastStore } from './toast-store.ts'

/** Notices at the edge of the page, read out as they appear. */
export function ToastList({ toasts }: { toasts: ToastStore }) {
  const shown = useStore(toasts.list)
  return (
    <output className="toasts">
      {shown.map(({ id, tone, text, act }) => (
        <div key={id} className={`toast toast-${tone}`}>
          <Icon name={tone === 'fault' ? 'alert' : 'check'} />
          <span className="toast-text">{text}</span>
          {act && (
            <button
              type="button"
              className="link-button"
              onClick={() => {
                toasts.dismiss(id)
                act.run()
              }}
            >
              {act.text}
            </button>
          )}
          <IconButton icon="close" label="Dismiss" size={16} onClick={() => toasts.dismiss(id)} />
        </div>
      ))}
    </output>
  )
}
