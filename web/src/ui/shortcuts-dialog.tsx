import { Dialog } from './dialog.tsx'
import { Scroller } from './scroller.tsx'

const SECTIONS = [
  {
    title: 'Everywhere',
    keys: [
      ['? or Ctrl /', 'Show keyboard shortcuts'],
      ['Ctrl K', 'Jump to a conversation or a person'],
      ['/ or Ctrl Shift F', 'Search the open room'],
      ['Alt ↑ / Alt ↓', 'Previous room, next room'],
      ['Esc', 'Close'],
    ],
  },
  {
    title: 'In the conversation list',
    keys: [
      ['↑ ↓ Home End', 'Move between conversations'],
      ['Enter', 'Open'],
      ['Shift F10', 'Open its menu'],
    ],
  },
  {
    title: 'Writing',
    keys: [
      ['Enter', 'Send'],
      ['Shift Enter', 'New line'],
      ['@', 'Mention someone'],
      [':', 'Emoji by name, such as :tada:'],
      ['Ctrl B / Ctrl I', 'Bold, italic'],
      ['Ctrl Shift X', 'Strikethrough'],
      ['Ctrl E', 'Code'],
      ['Ctrl Shift K', 'Link'],
      ['↑', 'Edit your last message (in an empty field)'],
      ['Shift Tab', 'Move to the messages'],
    ],
  },
  {
    title: 'On a message',
    keys: [
      ['↑ ↓ Home End', 'Move between messages'],
      ['R', 'Reply'],
      ['T', 'Reply in a thread'],
      ['E', 'Edit (your own)'],
      ['P', 'Pin or unpin'],
      ['F', 'Forward'],
      ['Delete', 'Delete'],
      ['Tab', 'Move to its buttons'],
    ],
  },
] as const

/** The list of keyboard shortcuts. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <Scroller className="dialog-scroll" label="Shortcuts">
        {SECTIONS.map(({ title, keys }) => (
          <section key={title}>
            <h3 className="keys-title">{title}</h3>
            <dl className="keys">
              {keys.map(([key, says]) => (
                <div key={key} className="keys-line">
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{says}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <p className="dialog-text">
          Messages support Markdown: <code>**bold**</code>, <code>*italic*</code>, <code>~~strikethrough~~</code>,{' '}
          <code>`code`</code>, <code>```</code> around code blocks, <code>&gt; quotes</code>, <code>- lists</code> and{' '}
          <code>[links](https://…)</code>.
        </p>
      </Scroller>
    </Dialog>
  )
}
