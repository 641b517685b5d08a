import { Dialog } from './dialog.tsx'

const SECTIONS = [
  {
    title: 'Everywhere',
    keys: [
      ['? or Ctrl /', 'This list'],
      ['/ or Ctrl K', 'Search in the open room'],
      ['Alt ↑ / Alt ↓', 'The room above, the room below'],
      ['Esc', 'Close what is open'],
    ],
  },
  {
    title: 'Writing',
    keys: [
      ['Enter', 'Send'],
      ['Shift Enter', 'A new line'],
      ['@', 'Mention somebody'],
      ['↑', 'Edit your last message, in an empty field'],
      ['Shift Tab', 'To the messages'],
    ],
  },
  {
    title: 'On a message',
    keys: [
      ['↑ ↓ Home End', 'From message to message'],
      ['R', 'Reply'],
      ['T', 'Reply in a thread'],
      ['E', 'Edit your own'],
      ['P', 'Pin or unpin'],
      ['F', 'Forward'],
      ['Delete', 'Delete'],
      ['Tab', 'Its buttons'],
    ],
  },
] as const

/** Which keys do what. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div className="dialog-scroll">
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
      </div>
    </Dialog>
  )
}
