const ONE = String.raw`(?:\p{RGI_Emoji}|[\p{Emoji}--[0-9#*]]\uFE0F|[\p{Emoji_Presentation}--\p{Regional_Indicator}])`
const FEW = new RegExp(`^\\s*(?:${ONE}\\s*){1,6}$`, 'v')
/** The longest sequences are families and flags of regions. */
const MAX_LENGTH = 6 * 36

/** Whether a message is only one to six emoji, which show large. */
export const isEmojiOnly = (content: string): boolean => content.length <= MAX_LENGTH && FEW.test(content)
