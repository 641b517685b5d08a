/** The most common reactions, and their names. */
export const COMMON_EMOJI: ReadonlyMap<string, string> = new Map([
  ['👍', 'Thumbs up'],
  ['❤️', 'Heart'],
  ['😂', 'Tears of joy'],
  ['🎉', 'Party popper'],
  ['😮', 'Surprised'],
  ['😢', 'Sad'],
  ['🙏', 'Thank you'],
  ['👀', 'Eyes'],
  ['✅', 'Done'],
  ['🔥', 'Fire'],
  ['💯', 'Hundred'],
  ['👏', 'Applause'],
  ['🤔', 'Thinking'],
  ['🚀', 'Rocket'],
  ['👎', 'Thumbs down'],
  ['☕', 'Coffee'],
])

/** The latest emoji of this device, filled up with the most common ones. */
export const usualEmojis = (recent: readonly string[], count: number): string[] =>
  [...new Set([...recent, ...COMMON_EMOJI.keys()])].slice(0, count)
