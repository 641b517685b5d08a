import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { continueList, type Mark, toggleLink, toggleMark } from '../../web/src/timeline/markdown-marks.ts'
import type { TextChange } from '../../web/src/timeline/text-change.ts'

/** In these texts angle quotes stand around what is selected. */
const read = (marked: string) => ({
  text: marked.replaceAll(/[‹›]/g, ''),
  from: marked.indexOf('‹'),
  to: marked.indexOf('›') - 1,
})

function write(text: string, { from, to, insert, select: [begin, end] }: TextChange): string {
  const after = text.slice(0, from) + insert + text.slice(to)
  return `${after.slice(0, begin)}‹${after.slice(begin, end)}›${after.slice(end)}`
}

const toggled = (marked: string, mark: Mark) => write(read(marked).text, toggleMark(read(marked), mark))
const linked = (marked: string) => write(read(marked).text, toggleLink(read(marked)))
const continued = (marked: string) => {
  const change = continueList(read(marked))
  return change && write(read(marked).text, change)
}

describe('formatting by keys', () => {
  test.each<[string, Mark, string]>([
    ['a ‹b› c', '**', 'a **‹b›** c'],
    ['a ‹b› c', '~~', 'a ~~‹b›~~ c'],
    ['a ‹› c', '*', 'a *‹›* c'],
    // Blanks at the ends of what is selected stay outside, where a mark means something.
    ['a‹ b ›c', '**', 'a **‹b›** c'],
    // Italics within bold.
    ['**‹b›**', '*', '***‹b›***'],
    ['*‹b›*', '**', '***‹b›***'],
    // Each line has marks of its own, after the mark of a list.
    ['‹a\n- b\n\n1. c›', '**', '‹**a**\n- **b**\n\n1. **c**›'],
    ['x\n‹a\nb›', '`', 'x\n‹```\na\nb\n```›'],
  ])('%s gets %s', (before, mark, after) => {
    expect(toggled(before, mark)).toBe(after)
    expect(toggled(toggled(before, mark), mark).replaceAll(/[‹› ]/g, '')).toBe(before.replaceAll(/[‹› ]/g, ''))
  })

  test.each<[string, Mark, string]>([
    ['a ‹**b**› c', '**', 'a ‹b› c'],
    ['***‹b›***', '*', '**‹b›**'],
    ['***‹b›***', '**', '*‹b›*'],
    ['‹***b***›', '**', '‹*b*›'],
    ['a `‹b›` c', '`', 'a ‹b› c'],
  ])('%s loses %s', (before, mark, after) => {
    expect(toggled(before, mark)).toBe(after)
  })

  test('twice is as if nothing had happened, whatever is selected', () => {
    const marks = fc.constantFrom<Mark>('**', '*', '~~', '`')
    const words = fc.stringMatching(/^[a-z]{1,4}( [a-z]{1,4}){0,3}$/)
    fc.assert(
      fc.property(words, words, words, marks, (before, selected, after, mark) => {
        const marked = `${before} ‹${selected}› ${after}`
        expect(toggled(toggled(marked, mark), mark)).toBe(marked)
      }),
    )
  })

  test('a link asks for what it lacks, and goes again', () => {
    expect(linked('see ‹this› now')).toBe('see [this](‹https://›) now')
    expect(linked('see ‹https://a.b/c› now')).toBe('see [‹›](https://a.b/c) now')
    expect(linked('‹›')).toBe('[‹›](https://)')
    expect(linked('see [‹this›](https://a.b) now')).toBe('see ‹this› now')
  })

  test('a new line goes on with a list, and an empty item ends it', () => {
    expect(continued('- a‹›')).toBe('- a\n- ‹›')
    expect(continued('  * a‹›b')).toBe('  * a\n  * ‹›b')
    expect(continued('x\n9. a‹›')).toBe('x\n9. a\n10. ‹›')
    expect(continued('- a\n- ‹›')).toBe('- a\n‹›')
    expect(continued('no list‹›')).toBeUndefined()
    expect(continued('-5 degrees‹›')).toBeUndefined()
  })
})
