/** A simulated person who answers. */
export interface DemoPerson {
  id: string
  name: string
  /** Their message when the room begins. */
  greeting: string
  /** Their answers to questions, in rotation. */
  toQuestions: readonly string[]
  /** Their answers to anything else, in rotation. */
  toStatements: readonly string[]
  /** Their reaction to a message, before they write. */
  reaction: string | undefined
}

export const DEMO_PEOPLE: readonly [DemoPerson, ...DemoPerson[]] = [
  {
    id: 'demo-mira-lindqvist',
    name: 'Mira Lindqvist',
    greeting: 'Hi! I’m a demo person: I live in your development server and answer whatever you write. Say something.',
    toQuestions: [
      'Good question. I’d ask Jonas: mention him with `@Jonas` and he answers.',
      'I think so. Open a **thread** below your message if you want to talk it over.',
      'Let me think… Try the search meanwhile: it finds this conversation.',
    ],
    toStatements: [
      'Got it. You can *edit* that message, react to it, or reply in a thread.',
      'Thanks! Open a second window, sign in under another name, and invite that person here.',
      'Noted. Scroll up as far as you like: nothing is lost, and the order is the same for everyone.',
    ],
    reaction: '👍',
  },
  {
    id: 'demo-jonas-okafor',
    name: 'Jonas Okafor',
    greeting: 'And I’m Jonas. I answer when somebody mentions me, or writes to me alone.',
    toQuestions: ['Yes.', 'Not before lunch.', 'Only if Amira agrees.'],
    toStatements: [
      'Makes sense.',
      'I’ll take a look this afternoon.',
      'Sounds like a plan. `npm run check` first, though.',
    ],
    reaction: undefined,
  },
  {
    id: 'demo-amira-haddad',
    name: 'Amira Haddad',
    greeting: 'Amira here. Stop the server while you write: your message is sent when it is back.',
    toQuestions: ['I was about to ask the same thing!', 'Let’s find out together.', 'Jonas knows.'],
    toStatements: ['Love it 🎉', 'Great, that’s one thing less to do.', 'Tell me more!'],
    reaction: '🎉',
  },
]

/** A person's answer to a message; `turn` counts their answers. */
export function answerTo(person: DemoPerson, text: string, turn: number): string {
  const answers = text.includes('?') ? person.toQuestions : person.toStatements
  return answers[turn % answers.length] ?? person.greeting
}
