import { Dialog } from './dialog.tsx'
import { Scroller } from './scroller.tsx'

const SECTIONS = [
  {
    title: 'Everywhere',
    keys: [
      ['? or Ctrl /', 'Show this list'],
      ['Ctrl K', 'Jump to a conversation or a person'],
      ['/ or Ctrl Shift F', 'Search in the open room'],
      ['Alt ↑ / Alt ↓', 'Previous room, next room'],
      ['Esc', 'Close'],
    ],
  },
  {
    title: 'In the list of conversations',
    keys: [
      ['↑ ↓ Home End', 'Move between conversations'],
      ['Enter', 'Open'],
      ['Shift F10', 'Show what you can do with it'],
    ],
  },
  {
    title: 'Writing',
    keys: [
      ['Enter', 'Send'],
      ['Shift Enter', 'New line'],
      ['@', 'Mention somebody'],
      [':', 'Emoji by name, such as :tada:'],
      ['Ctrl B / Ctrl I', 'Bold, italic'],
      ['Ctrl Shift X', 'Strikethrough'],
      ['Ctrl E', 'Code'],
      ['Ctrl Shift K', 'Link'],
      ['↑', 'Edit your last message (in an empty field)'],
      ['Shift Tab', 'Go to the messages'],
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
      ['Tab', 'Go to its buttons'],
    ],
  },
] as const

/** Which keys do what. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <Scroller className="dialog-scroll" label="Keys">
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
          Messages take <code>**bold**</code>, <code>*italic*</code>, <code>~~struck~~</code>, <code>`code`</code>,{' '}
          <code>```</code> around lines of code, <code>&gt; quotes</code>, <code>- lists</code> and{' '}
          <code>[links](https://…)</code>.
        </p>
      </Scroller>
    </Dialog>
  )
}
