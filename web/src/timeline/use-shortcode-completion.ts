import { useQueryClient } from '@tanstack/react-query'
import type { RefObject } from 'react'
import type { CatalogEmoji } from '../emoji/emoji-catalog.ts'
import { emojiCatalog, useEmojiCatalog } from '../emoji/use-emoji-catalog.ts'
import { useSession } from '../session/session-context.ts'
import { completeShortcodeAt, shortcodeAt } from './shortcode-words.ts'
import { changeText } from './text-change.ts'
import { type OptionList, useOptionList } from './use-option-list.ts'
import { type TextToken, useTypedToken } from './use-typed-token.ts'

const SHOWN = 6

export interface ShortcodeCompletion extends OptionList<CatalogEmoji> {
  /** For every change of the caret. */
  onCaret: (caret: number) => void
  /** Call it for every typed change of the text: a closing colon turns a code into its emoji. */
  onTyped: (event: Event) => void
  close: () => void
}

/** Completes emoji codes in a field, such as `:tada:`. */
export function useShortcodeCompletion(
  field: RefObject<HTMLTextAreaElement | null>,
  text: string,
): ShortcodeCompletion {
  const { recentEmoji } = useSession()
  const queryClient = useQueryClient()
  const { token, caret, onCaret, close } = useTypedToken(text, shortcodeAt)
  const { data: catalog } = useEmojiCatalog(token !== undefined)
  const options = token ? (catalog?.findEmojis(token.query, SHOWN) ?? []) : []

  const replace = ({ at }: TextToken, to: number, emoji: string) => {
    const element = field.current
    if (!element) return
    // The user may type on while the catalog loads.
    const after = Math.max(0, element.selectionStart - to)
    recentEmoji.add(emoji)
    changeText(element, { from: at, to, insert: emoji, select: [at + emoji.length + after, at + emoji.length + after] })
  }

  const list = useOptionList({
    options,
    query: token?.query,
    choose: ({ emoji }) => token && replace(token, caret, emoji),
    close,
  })

  const onTyped = async (event: Event) => {
    const element = field.current
    if (!element || !(event instanceof InputEvent) || event.inputType !== 'insertText' || event.data !== ':') return
    const end = element.selectionStart
    const complete = completeShortcodeAt(element.value, end)
    if (!complete) return
    const written = element.value.slice(0, end)
    const emoji = (await queryClient.ensureQueryData(emojiCatalog)).emojiOfCode(complete.query)
    if (emoji && document.activeElement === element && element.value.startsWith(written)) replace(complete, end, emoji)
  }

  // If the catalog can't be loaded, the code stays as typed.
  return { ...list, onCaret, close, onTyped: (event) => void onTyped(event).catch(() => undefined) }
}
