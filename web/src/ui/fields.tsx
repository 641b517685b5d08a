import type { ReactNode } from 'react'

interface SelectFieldProps<T extends string> {
  label: string
  value: T
  options: readonly (readonly [value: T, text: string])[]
  onChange: (value: T) => void
  says?: string
}

/** A select field. */
export function SelectField<T extends string>({ label, value, options, onChange, says }: SelectFieldProps<T>) {
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <select
        className="input"
        value={value}
        onChange={({ target }) => {
          const chosen = options.find(([each]) => each === target.value)
          if (chosen) onChange(chosen[0])
        }}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
      {says && <span className="field-says">{says}</span>}
    </label>
  )
}

interface SwitchFieldProps {
  label: string
  says?: ReactNode
  isOn: boolean
  onChange: (isOn: boolean) => void
}

/** A switch. */
export function SwitchField({ label, says, isOn, onChange }: SwitchFieldProps) {
  return (
    <label className="switch-field">
      <span className="switch-text">
        <span className="switch-label">{label}</span>
        {says && <span className="field-says">{says}</span>}
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={isOn}
        className="switch"
        checked={isOn}
        onChange={({ target }) => onChange(target.checked)}
      />
    </label>
  )
}
