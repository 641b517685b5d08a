/** What people answer with most, and what it is called. */
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

/** The latest of this device, filled up with those that people use most. */
export const usualEmojis = (recent: readonly string[], count: number): string[] =>
  [...new Set([...recent, ...COMMON_EMOJI.keys()])].slice(0, count)
