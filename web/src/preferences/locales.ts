/** What is offered; a choice that was made elsewhere is offered besides. */
const OFFERED = [
  'ar',
  'de',
  'en',
  'en-GB',
  'es',
  'fr',
  'he',
  'hi',
  'it',
  'ja',
  'ko',
  'nl',
  'pl',
  'pt-BR',
  'sv',
  'tr',
  'uk',
  'zh-Hans',
  'zh-Hant',
]

/** Languages, each by its own name; the empty one is none. */
export function localeOptions(current: string | null): (readonly [string, string])[] {
  const tags = [...new Set([...OFFERED, ...(current ? [current] : [])])]
  return [['', 'As this browser has it'], ...tags.map((tag) => [tag, ownName(tag)] as const)]
}

const ownName = (tag: string): string => new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag
