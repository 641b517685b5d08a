import type { ReactNode } from 'react'
import { Icon, type IconName } from './icons.tsx'

/** An empty view: why it is empty, and what to do about it. */
export function EmptyState({ icon, title, children }: { icon: IconName; title: string; children: ReactNode }) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} size={28} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  )
}
