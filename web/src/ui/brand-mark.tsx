/** Two turns of a conversation: the page's own sign, as in its favicon. */
export function BrandMark({ size = 28 }: { size?: number }) {
  return (
    <svg className="brand-mark" viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" focusable="false">
      <rect className="brand-ground" width="32" height="32" rx="9" />
      <path
        className="brand-turn"
        d="M8 9.5h10a2.5 2.5 0 0 1 2.5 2.5v4a2.5 2.5 0 0 1-2.5 2.5h-5.2L9.4 21v-2.5H8A2.5 2.5 0 0 1 5.5 16v-4A2.5 2.5 0 0 1 8 9.5z"
      />
      <path
        className="brand-answer"
        d="M22.6 13.5H24a2.5 2.5 0 0 1 2.5 2.5v4a2.5 2.5 0 0 1-2.5 2.5h-1.4V25l-3.4-2.5H15a2.5 2.5 0 0 1-2.4-1.8"
      />
    </svg>
  )
}
