import type { ReactNode } from 'react'

const PATHS = {
  plus: <path d="M10 4v12M4 10h12" />,
  close: <path d="m5 5 10 10M15 5 5 15" />,
  back: <path d="m12 4-6 6 6 6" />,
  envelope: <path d="M3.5 5h13v10h-13zM4 6l6 5 6-5" />,
  check: <path d="m4.5 10.5 3.5 3.5 7.5-8" />,
  clock: (
    <>
      <circle cx="10" cy="10" r="6.5" />
      <path d="M10 6.5V10l2.5 1.5" />
    </>
  ),
  alert: (
    <>
      <circle cx="10" cy="10" r="7" />
      <path d="M10 6.3v4.4M10 13.5v.1" />
    </>
  ),
  pencil: <path d="m12.5 4.5 3 3L7 16l-3.5.5L4 13zM10.8 6.2l3 3" />,
  copy: (
    <>
      <rect x="7" y="7" width="9" height="9.5" rx="2" />
      <path d="M13 7V5.5a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2V11a2 2 0 0 0 2 2h1" />
    </>
  ),
  bin: <path d="M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5l.7 10.5h7.6l.7-10.5M8.5 8.5v4.5M11.5 8.5v4.5" />,
  people: (
    <>
      <circle cx="7.5" cy="7" r="2.8" />
      <path d="M2.5 16c0-2.8 2.2-4.6 5-4.6s5 1.8 5 4.6M13 4.4a2.8 2.8 0 0 1 0 5.2M14.8 11.8c1.7.6 2.7 2.1 2.7 4.2" />
    </>
  ),
  person: (
    <>
      <circle cx="10" cy="7" r="3" />
      <path d="M4.5 16.5c0-3 2.4-5 5.5-5s5.5 2 5.5 5" />
    </>
  ),
  hash: <path d="M8 3.5 6.5 16.5M13.5 3.5 12 16.5M4 7.5h12.5M3.5 12.5H16" />,
  lock: (
    <>
      <rect x="4.5" y="9" width="11" height="7.5" rx="2" />
      <path d="M7 9V6.5a3 3 0 0 1 6 0V9" />
    </>
  ),
  shield: <path d="M10 3 4.5 5v4.5c0 3.6 2.3 6.1 5.5 7.5 3.2-1.4 5.5-3.9 5.5-7.5V5z" />,
  link: (
    <path d="M8.5 11.5a3 3 0 0 0 4.3 0l2.8-2.8a3 3 0 0 0-4.3-4.3l-1 1M11.5 8.5a3 3 0 0 0-4.3 0l-2.8 2.8a3 3 0 0 0 4.3 4.3l1-1" />
  ),
  sliders: <path d="M3.5 6.5h7M14.5 6.5h2M3.5 13.5h2M9.5 13.5h7M10.5 4.5v4M5.5 11.5v4" />,
  mute: <path d="M4 8v4h2.5L10 15.5v-11L6.5 8zM13 8l4 4M17 8l-4 4" />,
  block: (
    <>
      <circle cx="10" cy="10" r="6.5" />
      <path d="m5.5 5.5 9 9" />
    </>
  ),
  flag: <path d="M5 17V3.5h9.5L12.5 7l2 3.5H5" />,
  box: <path d="M3.5 4h13v3.5h-13zM4.5 7.5V16h11V7.5M8 10.5h4" />,
  compass: (
    <>
      <circle cx="10" cy="10" r="7" />
      <path d="m12.8 7.2-1.6 4-4 1.6 1.6-4z" />
    </>
  ),
  search: (
    <>
      <circle cx="9" cy="9" r="5" />
      <path d="m13 13 3.5 3.5" />
    </>
  ),
  up: <path d="M10 16V4.5M5 9.5l5-5 5 5" />,
  down: <path d="M10 4v11.5M5 10.5l5 5 5-5" />,
  more: <path d="M5 10h.01M10 10h.01M15 10h.01" strokeWidth="2.4" />,
  sun: (
    <>
      <circle cx="10" cy="10" r="3.2" />
      <path d="M10 2.5v1.6M10 15.9v1.6M2.5 10h1.6M15.9 10h1.6M4.7 4.7l1.1 1.1M14.2 14.2l1.1 1.1M4.7 15.3l1.1-1.1M14.2 5.8l1.1-1.1" />
    </>
  ),
  moon: <path d="M16 11.7A6.5 6.5 0 0 1 8.3 4a6.5 6.5 0 1 0 7.7 7.7z" />,
  leave: <path d="M8 4H5.5A1.5 1.5 0 0 0 4 5.5v9A1.5 1.5 0 0 0 5.5 16H8M12.5 6.5 16 10l-3.5 3.5M16 10H8" />,
  chat: (
    <path d="M4.5 4.5h11A1.5 1.5 0 0 1 17 6v6.5a1.5 1.5 0 0 1-1.5 1.5H10l-3.5 3v-3h-2A1.5 1.5 0 0 1 3 12.5V6a1.5 1.5 0 0 1 1.5-1.5z" />
  ),
  smile: (
    <>
      <circle cx="10" cy="10" r="7" />
      <path d="M7 11.8c.7 1 1.8 1.6 3 1.6s2.3-.6 3-1.6M7.6 7.800v.1M12.4 7.800v.1" />
    </>
  ),
  reply: <path d="M8.5 5 4 9.5 8.5 14M4.5 9.500H12a4 4 0 0 1 4 4V15" />,
  forward: <path d="M11.5 5 16 9.5 11.5 14M15.5 9.500H8a4 4 0 0 0-4 4V15" />,
  thread: (
    <path d="M4 4h12M4 8h12M4 12h5M12.5 11.500h3a1 1 0 0 1 1 1v2a1 1 0 0 1-1 1h-1l-2 1.500v-1.500a1 1 0 0 1-1-1v-2a1 1 0 0 1 1-1z" />
  ),
  pin: <path d="M7.5 3.500h5M8.5 3.500v4.500L6 11h8l-2.5-3V3.500M10 11v5.5" />,
  hide: (
    <path d="M3.5 3.500l13 13M8 5.300A7.5 7.5 0 0 1 10 5c4 0 6.5 3.5 7.3 5a11 11 0 0 1-2 2.700M5.5 6.500A11 11 0 0 0 2.7 10C3.5 11.5 6 15 10 15a7 7 0 0 0 3-.7" />
  ),
  eye: (
    <>
      <path d="M2.7 10C3.5 8.5 6 5 10 5s6.5 3.5 7.3 5c-.8 1.5-3.3 5-7.3 5s-6.5-3.5-7.3-5z" />
      <circle cx="10" cy="10" r="2.2" />
    </>
  ),
  keyboard: (
    <>
      <rect x="2.5" y="5" width="15" height="10" rx="2" />
      <path d="M5.5 8h.01M8.5 8h.01M11.5 8h.01M14.5 8h.01M7 12h6" />
    </>
  ),
  at: (
    <>
      <circle cx="10" cy="10" r="2.8" />
      <path d="M12.8 7.500V11a2 2 0 0 0 4 0v-1A6.8 6.8 0 1 0 14 15.5" />
    </>
  ),
  cloud: <path d="M3 3l14 14M8.5 5.3A4.5 4.5 0 0 1 14 9a3.5 3.5 0 0 1 2.7 5.6M5.6 8.2A4 4 0 0 0 6 16h8" />,
  bold: (
    <path d="M6 4.5h4.500a2.700 2.700 0 0 1 0 5.500H6zM6 10h5.200a2.800 2.800 0 0 1 0 5.500H6z" strokeWidth="2.2" />
  ),
  italic: <path d="M8.5 4.5h5M6.5 15.500h5M11.300 4.500l-2.600 11" />,
  strike: (
    <path d="M3.5 10h13M13.5 6.300C13 5.200 11.700 4.500 10 4.500c-2 0-3.400 1-3.400 2.500M6.500 13.500c.5 1.200 1.800 2 3.600 2 2.100 0 3.500-1 3.500-2.600" />
  ),
  code: <path d="m7 6-4 4 4 4M13 6l4 4-4 4" />,
  bell: (
    <path d="M10 3a4.500 4.500 0 0 1 4.500 4.500c0 4.500 2 5.500 2 5.500h-13s2-1 2-5.500A4.500 4.500 0 0 1 10 3zM8.500 16a1.600 1.600 0 0 0 3 0" />
  ),
  'bell-off': (
    <path d="M3.500 3.500l13 13M7.500 3.800A4.500 4.500 0 0 1 14.500 7.500c0 1.700.3 2.900.6 3.800M13.500 13h-10s2-1 2-5.500q0-.5.1-1M8.500 16a1.600 1.600 0 0 0 3 0" />
  ),
  jump: <path d="M4 4v5a3 3 0 0 0 3 3h9M12.5 8.500 16 12l-3.5 3.500" />,
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof PATHS

/** A decorative icon that screen readers skip. Its container carries the label. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 20 20"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {PATHS[name]}
    </svg>
  )
}
