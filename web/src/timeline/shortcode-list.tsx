import { CompletionList } from './completion-list.tsx'
import type { ShortcodeCompletion } from './use-shortcode-completion.ts'

/** The emoji that match a code. */
export function ShortcodeList(completion: ShortcodeCompletion) {
  if (completion.options.length === 0) return null
  return (
    <CompletionList {...completion} label="Emoji" keyOf={({ emoji }) => emoji}>
      {({ emoji, name, codes: [code] }) => (
        <>
          <span className="mention-emoji">{emoji}</span>
          <span className="mention-name">:{code}:</span>
          <span className="mention-says">{name}</span>
        </>
      )}
    </CompletionList>
  )
}
