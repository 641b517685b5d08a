import type { SeededRandom } from './seeded-random.ts'
import { personName } from './sentences.ts'

export interface Person {
  id: string
  name: string
}

/** People with names of their own and ids made of them. */
export function makePeople(random: SeededRandom, count: number): Person[] {
  const people = new Map<string, Person>()
  while (people.size < count) {
    const name = personName(random)
    const slug = name
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .replaceAll('Ł', 'L')
      .replaceAll('ł', 'l')
      .replaceAll('ı', 'i')
      .replaceAll('ø', 'o')
      .replace(/[^A-Za-z ]/g, '')
      .toLowerCase()
      .replaceAll(' ', '-')
    const id = people.has(slug) ? `${slug}-${people.size}` : slug
    people.set(id, { id, name })
  }
  return [...people.values()]
}
