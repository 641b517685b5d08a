import { Icon } from '../ui/icons.tsx'

interface RoomFilterProps {
  typed: string
  onType: (typed: string) => void
  /** Goes to the first room. */
  onDown: () => void
}

/** The field that filters the list by name. Escape clears it. */
export function RoomFilter({ typed, onType, onDown }: RoomFilterProps) {
  return (
    <label className="sidebar-filter">
      <span className="for-readers">Filter conversations</span>
      <span className="search">
        <Icon name="search" size={18} />
        <input
          className="input"
          type="search"
          placeholder="Filter by name"
          value={typed}
          onChange={({ target }) => onType(target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && typed) onType('')
            else if (event.key === 'ArrowDown') onDown()
            else return
            event.preventDefault()
            event.stopPropagation()
          }}
          autoComplete="off"
          dir="auto"
        />
      </span>
    </label>
  )
}
