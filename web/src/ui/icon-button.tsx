import type { ComponentProps } from 'react'
import { Icon, type IconName } from './icons.tsx'

type Props = Omit<ComponentProps<'button'>, 'children' | 'aria-label' | 'title'> & {
  icon: IconName
  /** Its action: read out, and shown as a tooltip. */
  label: string
  size?: number
}

export function IconButton({ icon, label, size, className = '', ...rest }: Props) {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} {...(size ? { size } : {})} />
    </button>
  )
}
