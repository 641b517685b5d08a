/** Embeddings, overrides and isolates: they change the display order of a text. */
const DIRECTION_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g
/** No script stacks more marks on a letter than this. Further marks would cover the neighbouring lines. */
const STACKED_MARKS = /(\p{M}{8})\p{M}+/gu

/** The text for display. The stored text keeps every character. */
export const safeText = (text: string): string => text.replace(DIRECTION_CONTROLS, '').replace(STACKED_MARKS, '$1')
