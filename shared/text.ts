import { z } from 'zod'
import { LIMITS } from './limits.ts'

const LONE_SURROGATE_OR_NUL = /\p{Surrogate}|\0/u
/** Controls, format characters (zero-width, bidi, tags), private use and unassigned: names need none of them. */
const NOT_IN_NAMES = /\p{C}|\p{Zl}|\p{Zp}/u
/** A visible character: not space, not format, not one of the blanks that Unicode classifies as letters. */
const VISIBLE = /[^\p{White_Space}\p{C}\u115F\u1160\u2800\u3164\uFFA0]/u

/**
 * Marks on one letter. Writing needs few: two for Thai and Vietnamese, three for pointed Hebrew, four for Burmese. Emoji have
 * one or two. More of them would cover the lines above and below.
 */
const MAX_MARKS = 4
const TOO_MANY_MARKS = new RegExp(`(\\p{M}{${MAX_MARKS}})\\p{M}+`, 'gu')

/** True where Postgres can store the text as it is: well-formed UTF-16 without NUL. */
export const isStorable = (text: string): boolean => !LONE_SURROGATE_OR_NUL.test(text)

/** True if a reader would see something. */
export const isVisible = (text: string): boolean => VISIBLE.test(text)

/**
 * A single-line name of a user or a room. NFC-normalised and trimmed; 1 to `max` characters. It has no control, bidi or other
 * invisible characters except the joiner of emoji sequences, so names that look alike are alike. It has no more marks on a
 * letter than writing needs, so it stays on its line.
 */
export const nameText = (max: number = LIMITS.name) =>
  z
    .string()
    .max(max * 4, `at most ${max} characters`)
    .transform((text) => text.normalize('NFC').trim())
    .pipe(
      z
        .string()
        .min(1, 'must not be empty')
        .max(max, `at most ${max} characters`)
        .refine(isStorable, 'not well-formed Unicode')
        .refine((text) => !NOT_IN_NAMES.test(text.replaceAll(EMOJI_JOINER, '')), 'no control or direction characters')
        .refine((text) => text.search(TOO_MANY_MARKS) === -1, `at most ${MAX_MARKS} combining marks on a letter`)
        .refine(isVisible, 'must not be blank'),
    )

/** U+200D between two pictographs, where it makes one emoji of them. */
const EMOJI_JOINER = /(?<=\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?)\u200D(?=\p{Extended_Pictographic})/gu

/** The nearest valid name to one from outside that can't be refused, such as a token's claim. */
export function toName(text: string, fallback: string): string {
  const cleaned = text
    // Characters beyond this can't be in the name, and take time to process. One composed letter comes from at most four.
    .slice(0, 4 * LIMITS.name)
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}\uFFFD]/gu, '')
    .replace(TOO_MANY_MARKS, '$1')
    .trim()
    .slice(0, LIMITS.name)
    .replace(/\p{Surrogate}$/u, '')
    .trim()
  return isVisible(cleaned) ? cleaned.toWellFormed() : fallback
}

/** Prose of several lines: any well-formed text without NUL. */
export const proseText = (max: number) =>
  z.string().max(max, `at most ${max} characters`).refine(isStorable, 'not well-formed Unicode, or holds NUL')

/** A message's content: 1 to 8,000 characters, at least one of them visible. Kept exactly as sent. */
export const contentText = proseText(LIMITS.content).refine(isVisible, 'must not be blank')
