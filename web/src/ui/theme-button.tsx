import { useStore } from '../../../client/react/react-entry.ts'
import { IconButton } from './icon-button.tsx'
import type { ThemeChoice } from './theme.ts'

export function ThemeButton({ themes }: { themes: ThemeChoice }) {
  const theme = useStore(themes.theme)
  return (
    <IconButton
      icon={theme === 'dark' ? 'sun' : 'moon'}
      label={theme === 'dark' ? 'Switch to light theme' : 'Switch to dark theme'}
      onClick={() => themes.toggle()}
    />
  )
}
