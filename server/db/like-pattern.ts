/** A LIKE pattern for lower-cased texts that hold this one, whatever characters it has. */
export const containing = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
