/** Embeddings, overrides and isolates: they let a text show in another order than it has. */
const DIRECTION_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g
/** No script stacks more marks on a letter than this; what goes beyond would be painted over the neighbours. */
const STACKED_MARKS = /(\p{M}{8})\p{M}+/gu

/** A text as it is shown: what is stored keeps every character. */
export const safeText = (text: string): string => text.replace(DIRECTION_CONTROLS, '').replace(STACKED_MARKS, '$1')
