/** A picture address that the page may load: its content policy allows HTTPS alone. */
export const isPictureUrl = (text: string): boolean => URL.parse(text)?.protocol === 'https:'
