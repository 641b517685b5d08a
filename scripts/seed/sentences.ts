import type { SeededRandom } from './seeded-random.ts'

const list = (words: string): string[] => words.trim().split(/\s*\|\s*/)

const FIRST_NAMES = list(
  'Ada|Alma|Amir|Anouk|Arjun|Astrid|Aya|Beatriz|Ben|Bianca|Carlos|Chidi|Clara|Dalia|Daniel|Diego|Dilara|Elena|Elif|Emeka|Emil|Emma|Farah|Felix|Finn|Freya|Gabriel|Giulia|Grace|Hana|Hassan|Hugo|Ida|Imani|Ines|Ivan|Jana|Jonas|Júlia|Kaito|Karim|Kasia|Kenji|Lara|Leila|Leo|Linh|Lucía|Łukasz|Maja|Malik|Marta|Mateo|Mei|Mila|Mina|Nadia|Naoko|Nia|Nils|Noah|Nora|Olga|Omar|Oskar|Petra|Priya|Rafael|Ravi|Rosa|Sami|Sara|Selma|Sofía|Soren|Tariq|Tessa|Theo|Uma|Vera|Viktor|Wanjiru|Yara|Yuki|Zofia',
)
const LAST_NAMES = list(
  'Abadi|Achterberg|Adeyemi|Aguilar|Andersson|Aydın|Baker|Bauer|Bellini|Bernard|Bianchi|Björk|Brandt|Castro|Chen|Cohen|Costa|Dubois|Duarte|Eriksen|Fischer|Fontaine|García|Gruber|Haddad|Hansen|Hoffmann|Horvat|Hughes|Ibrahim|Ito|Jansen|Jovanović|Kamau|Kaya|Keller|Khan|Kim|Kovács|Kowalska|Larsen|Laurent|Lindqvist|Lopes|Maier|Martin|Mbeki|Meyer|Moreau|Moretti|Nagy|Nakamura|Nguyen|Novák|Nowak|Nyström|O’Brien|Okafor|Olsen|Ortiz|Park|Patel|Pereira|Petrov|Popescu|Rahman|Ramos|Reyes|Ricci|Rossi|Ruiz|Sato|Schmidt|Silva|Singh|Sørensen|Suzuki|Tanaka|Torres|Varga|Virtanen|Wagner|Walker|Weber|Wójcik|Yılmaz|Zhang',
)

const PEOPLE = list(
  'the design team|our supplier|the new intern|a customer from Lyon|the night shift|support|the warehouse|accounting|the auditors|everyone on call|the printer|our landlord|the translators|marketing|the review board|the courier|legal|the workshop|a journalist|the school group',
)
const THINGS = list(
  'the invoice|the draft|the budget|the timetable|the release|the contract|the prototype|the press kit|the survey|the floor plan|the staging server|the login page|the mobile layout|the backup|the roadmap|the onboarding guide|the quarterly report|the coffee machine|the parking permit|the sensor data|the migration|the catalogue|the shipping label|the font licence|the incident report|the test results|the newsletter|the garden plan|the rehearsal|the travel booking|the spare key|the colour palette|the search index|the deployment|the meeting notes|the whiteboard photos|the customer list|the insurance form|the video call|the demo',
)
const DEEDS = list(
  'approved|rewrote|sent|forgot about|asked for|checked|moved|printed|translated|shortened|cancelled|signed|uploaded|fixed|broke|measured|postponed|archived|compared|shared|found|reviewed|ordered|tested|updated|returned|paid for|lost|finished|started',
)
const QUALITIES = list(
  'ready|late|almost done|too long|better than expected|missing a page|in the shared folder|still blocked|cheaper this year|confusing|beautiful|on hold|out of date|confirmed|broken again|waiting for feedback|easier than I thought|under review|sold out|quite heavy',
)
const TIMES = list(
  'this morning|yesterday|on Monday|before lunch|next week|by Friday|at half past three|after the holidays|tomorrow|tonight|in an hour|last quarter|on the train|during the call|at the end of the month|around noon|on Thursday afternoon',
)
const PLACES = list(
  'in Lisbon|in the archive|on the third floor|at the harbour|in the kitchen|at the Berlin office|in the cloud|on the roof|at the fair in Milan|near the station|in room 204|in Kraków|in the basement|at the museum',
)
const CLOSINGS = list(
  'Thanks!|Let me know.|No rush.|What do you think?|Sounds good to me.|See you there.|I can take care of it.|Can somebody confirm?|👍|🎉|Sorry for the noise.|Fingers crossed.|More on that later.|Well done, everybody.|I’ll write it up.|That’s all for now.',
)
const REPLIES = list(
  'Yes, exactly.|I’m not sure about that.|Good catch!|Agreed.|Could you send me a link?|Let’s talk about it tomorrow.|That works for me.|On it.|Same here.|Why not?|No idea, ask somebody from the workshop.|Perfect, thank you.|I had the same question.|Not before next week, I’m afraid.',
)
const TOPICS = list(
  'Autumn launch|Harbour festival|Front desk|Book club|Release train|Data platform|Weekend hikes|Hiring|Garden project|Customer stories|Security|Translations|Night shift|Lunch plans|Prototype lab|Annual report|Photo archive|Bike repairs|Onboarding|Office move|Research notes|Choir|Support desk|Pricing|Accessibility|Field trips|Print shop|Board games|Incidents|Suppliers',
)

export const personName = (random: SeededRandom): string => `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`

export const topic = (random: SeededRandom): string => random.pick(TOPICS)

/** What somebody says in a chat: a few words, or a few sentences. */
export function saying(random: SeededRandom, { isReply, name }: { isReply: boolean; name: string }): string {
  if (isReply && random.chance(0.4)) return random.pick(REPLIES)
  const length = random.chance(0.6) ? 1 : random.between(2, 4)
  const sentences = Array.from({ length }, () => sentence(random, name))
  if (random.chance(0.3)) sentences.push(random.pick(CLOSINGS))
  return sentences.join(' ')
}

function sentence(random: SeededRandom, name: string): string {
  const [thing, other] = [random.pick(THINGS), random.pick(THINGS)]
  switch (random.between(0, 8)) {
    case 0:
      return `${capital(thing)} is ${random.pick(QUALITIES)}.`
    case 1:
      return `${capital(random.pick(PEOPLE))} ${random.pick(DEEDS)} ${thing} ${random.pick(TIMES)}.`
    case 2:
      return `I ${random.pick(DEEDS)} ${thing} ${random.pick(PLACES)} ${random.pick(TIMES)}.`
    case 3:
      return `Has anyone seen ${thing}? I think ${random.pick(PEOPLE)} ${random.pick(DEEDS)} it.`
    case 4:
      return `We need ${thing} ${random.pick(TIMES)}, and ${other} too.`
    case 5:
      return `Ticket ${random.between(1_000, 99_999)} is about ${thing}, not ${other}.`
    case 6:
      return `${name} ${random.pick(DEEDS)} ${thing} ${random.pick(PLACES)}.`
    case 7:
      return `See https://wiki.example.com/pages/${random.between(100, 9_999)} for ${thing}.`
    default:
      return `If ${thing} is ${random.pick(QUALITIES)}, ${random.pick(PEOPLE)} can use ${other}.`
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
