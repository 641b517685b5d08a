/** A LIKE pattern for lower-cased texts that contain this one, with its special characters escaped. */
export const containing = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
