import { useStore } from '../store/use-store.ts'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import type { ToastStore } from './toast-store.ts'

/** Notices at the edge of the page, read out as they come. */
export function ToastList({ toasts }: { toasts: ToastStore }) {
  const shown = useStore(toasts.list)
  return (
    <output className="toasts">
      {shown.map(({ id, tone, text }) => (
        <div key={id} className={`toast toast-${tone}`}>
          <Icon name={tone === 'fault' ? 'alert' : 'check'} />
          <span className="toast-text">{text}</span>
          <IconButton icon="close" label="Dismiss" size={16} onClick={() => toasts.dismiss(id)} />
        </div>
      ))}
    </output>
  )
}
