import type { SourcePatch } from './mutation.ts'

/** The source with the text replaced. @throws Error where it is not there exactly once: a patch that has no effect proves nothing */
export function patched(source: string, { file, from, to }: SourcePatch): string {
  const parts = source.split(from)
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times what a mutation replaces: ${from}`)
  return parts.join(to)
}
