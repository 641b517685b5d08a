import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from 'react'
import { LIMITS } from '../../../shared/index.ts'
import { EmojiPicker } from '../emoji/emoji-picker.tsx'
import { SendLater } from '../schedule/send-later.tsx'
import { Icon } from '../ui/icons.tsx'
import { shortSpan } from '../ui/times.ts'
import { useTimeLeft } from '../ui/use-time-left.ts'
import { FormatBar } from './format-bar.tsx'
import { applyFormat, type Format, formatOfKey } from './format-keys.ts'
import { continueList } from './markdown-marks.ts'
import { MentionList } from './mention-list.tsx'
import type { Mentioned } from './mention-words.ts'
import { ShortcodeList } from './shortcode-list.tsx'
import { changeText, insertText } from './text-change.ts'
import { useCaret } from './use-caret.ts'
import { type MentionScope, useMentionCompletion } from './use-mention-completion.ts'
import { useShortcodeCompletion } from './use-shortcode-completion.ts'

/** From here on the number of remaining characters is shown. */
const COUNT_FROM = LIMITS.content - 500

interface MessageFieldProps {
  initial: string
  label: string
  placeholder: string
  action: 'Send' | 'Save'
  /** A description of the keys. */
  hint: string
  isBusy?: boolean
  /** Until then the text is kept and not submitted. In milliseconds since 1970. */
  waitsUntil?: number
  hasFocus: boolean
  mentions: MentionScope
  onText?: (text: string) => void
  /** True if the text was accepted and the field is to be emptied. */
  onSubmit: (text: string, mentioned: Mentioned) => boolean
  /** Schedules the text, if that is possible. */
  onLater?: (text: string, mentioned: Mentioned, sendAt: Date) => Promise<void>
  /** Keys that the field itself does not use. */
  onKey: (event: KeyboardEvent, text: string) => void
}

/** A field that grows with its text. Enter submits, Shift and Enter make a new line. */
export function MessageField({ initial, onText, onSubmit, onKey, mentions, hasFocus, ...shown }: MessageFieldProps) {
  const [text, setText] = useState(initial)
  const waitMs = useTimeLeft(shown.waitsUntil ?? 0, 1_000)
  const field = useRef<HTMLTextAreaElement>(null)
  const left = LIMITS.content - text.length
  const canSubmit = text.trim() !== '' && left >= 0 && !shown.isBusy && waitMs === 0

  useLayoutEffect(() => {
    if (hasFocus) field.current?.focus()
    field.current?.setSelectionRange(LIMITS.content, LIMITS.content)
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once, when the field appears
  }, [])

  const write = (next: string) => {
    setText(next)
    onText?.(next)
  }

  /** Meanwhile another message may have been started. */
  const clearIfStill = (taken: string) => {
    if (field.current?.value === taken) write('')
  }
  const completion = useMentionCompletion(field, text, mentions)
  const shortcodes = useShortcodeCompletion(field, text)
  useCaret(field, (caret) => {
    completion.onCaret(caret)
    shortcodes.onCaret(caret)
  })
  const hintId = useId()
  const open = [completion, shortcodes].find(({ options }) => options.length > 0)

  const submit = () => {
    if (!canSubmit) return
    if (onSubmit(text, completion.mentioned())) write('')
    field.current?.focus()
  }

  const { onLater } = shown
  const schedule = async (sendAt: Date) => {
    await onLater?.(text, completion.mentioned(), sendAt)
    clearIfStill(text)
  }

  const format = (chosen: Format) => field.current && applyFormat(field.current, chosen)

  /** Adds a new line within a list, if the caret is in one. */
  const breakList = (event: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    const { value, selectionStart: from, selectionEnd: to } = event.currentTarget
    const change = continueList({ text: value, from, to })
    if (change) changeText(event.currentTarget, change)
    return change !== undefined
  }

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || completion.onKey(event) || shortcodes.onKey(event)) return
    const chosen = formatOfKey(event)
    if (chosen) format(chosen)
    else if (event.key !== 'Enter') return onKey(event, text)
    else if (!event.shiftKey) submit()
    else if (!breakList(event)) return onKey(event, text)
    event.preventDefault()
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <div className="composer-box">
        {open === completion ? <MentionList {...completion} /> : <ShortcodeList {...shortcodes} />}
        {/* The style sheet lays the text out again, invisibly, behind the field: both are as high as the text. */}
        <div className="composer-text" data-text={text}>
          <textarea
            ref={field}
            className="composer-field"
            rows={1}
            value={text}
            onChange={({ target, nativeEvent }) => {
              write(target.value)
              shortcodes.onTyped(nativeEvent)
            }}
            onBlur={() => {
              completion.close()
              shortcodes.close()
            }}
            onKeyDown={onKeyDown}
            placeholder={shown.placeholder}
            aria-label={shown.label}
            aria-describedby={hintId}
            {...(open && {
              role: 'combobox',
              'aria-expanded': true,
              'aria-haspopup': 'listbox',
              'aria-autocomplete': 'list',
              'aria-controls': open.listId,
              'aria-activedescendant': `${open.listId}-${open.activeIndex}`,
            })}
            enterKeyHint="send"
            dir="auto"
          />
        </div>
        <FormatBar onChoose={format} />
        <EmojiPicker label="Emoji" size={20} onPick={(emoji) => field.current && insertText(field.current, emoji)} />
        {onLater && <SendLater text={text} schedule={schedule} />}
        <button type="submit" className="send" disabled={!canSubmit} aria-label={shown.action} title={shown.action}>
          <Icon name={shown.action === 'Save' ? 'check' : 'up'} />
        </button>
      </div>
      <p className="composer-hint" id={hintId}>
        {waitMs > 0 && (
          <span className="composer-wait" role="timer">
            You can send again in {shortSpan(waitMs)}
          </span>
        )}
        {text.length > COUNT_FROM && <Count left={left} />}
        {waitMs === 0 && text.length <= COUNT_FROM && <span className="composer-keys">{shown.hint}</span>}
      </p>
    </form>
  )
}

const Count = ({ left }: { left: number }) => (
  <output className={left < 0 ? 'fault' : ''}>
    {left < 0 ? `${-left} characters too many` : `${left} characters left`}
  </output>
)
