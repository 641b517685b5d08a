import { Store } from '../../../client/client-entry.ts'

export type Theme = 'light' | 'dark'

const KEY = 'confab.theme'

/** Light or dark: the system's theme, unless the viewer chose another here. */
export class ThemeChoice {
  readonly theme: Store<Theme>
  readonly #system = matchMedia('(prefers-color-scheme: dark)')

  constructor() {
    this.theme = new Store(this.#chosen() ?? this.#systemTheme())
    this.#system.addEventListener('change', () => this.#apply())
    addEventListener('storage', ({ key }) => key === KEY && this.#apply())
    this.#apply()
  }

  /** The other theme. Choosing the system's theme means following the system again. */
  toggle() {
    const next = this.theme.get() === 'dark' ? 'light' : 'dark'
    if (next === this.#systemTheme()) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, next)
    this.#apply()
  }

  #apply() {
    const chosen = this.#chosen()
    if (chosen) document.documentElement.dataset.theme = chosen
    else delete document.documentElement.dataset.theme
    this.theme.set(chosen ?? this.#systemTheme())
  }

  #chosen(): Theme | undefined {
    const kept = localStorage.getItem(KEY)
    return kept === 'light' || kept === 'dark' ? kept : undefined
  }

  #systemTheme(): Theme {
    return this.#system.matches ? 'dark' : 'light'
  }
}
