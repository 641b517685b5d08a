import { type CSSProperties, type ReactNode, useState } from 'react'

interface AvatarProps {
  /** Determines the colour: the same person has the same colour everywhere. */
  id: string
  name: string
  pictureUrl: string | null
  size?: number
  /** Something at its edge, such as a presence dot. */
  children?: ReactNode
}

/** FNV-1a, mixed once more (MurmurHash3's end) so that similar ids differ, as one of fifteen steps around the colour circle. */
function hueOf(id: string): number {
  let hash = 2_166_136_261
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) % 15) * 24
}

/** The first letters of the first and the last word. */
function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/).filter(Boolean)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '')
  return letters.join('').toLocaleUpperCase()
}

const withHue = (id: string, size: number): CSSProperties & Record<'--hue' | '--size', string> => ({
  '--hue': String(hueOf(id)),
  '--size': `${size}px`,
})

/** A picture or initials. The name stands beside it, so screen readers skip it. */
export function Avatar({ id, name, pictureUrl, size = 36, children }: AvatarProps) {
  const [brokenUrl, setBrokenUrl] = useState('')
  const hasPicture = pictureUrl !== null && pictureUrl !== brokenUrl
  return (
    <span className="avatar" style={withHue(id, size)} aria-hidden="true">
      <span className="avatar-face">
        {hasPicture ? (
          <img src={pictureUrl} alt="" loading="lazy" decoding="async" onError={() => setBrokenUrl(pictureUrl)} />
        ) : (
          initialsOf(name)
        )}
      </span>
      {children}
    </span>
  )
}
