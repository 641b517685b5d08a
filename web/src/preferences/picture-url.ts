/** An address that the page may show a picture from: its content policy allows HTTPS alone. */
export const isPictureUrl = (text: string): boolean => URL.parse(text)?.protocol === 'https:'
