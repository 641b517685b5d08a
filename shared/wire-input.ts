/*
 * An input arrives in superjson's form: JSON, and annotations for values that JSON can't express. superjson's own reader builds
 * any annotated type (typed arrays of any length, classes, regular expressions) before the caller is known. This reader knows
 * the three annotations that inputs have, and checks all of them before it changes anything. Its time is linear in the
 * annotations.
 */

/** The most annotations of one input. A call has a handful: a date, or fields that are present and undefined. */
const MAX_ANNOTATIONS = 64
const MAX_PATH_LENGTH = 512

const REFUSED_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/** The value that each annotation makes of the JSON value in its place; undefined if that value does not fit. */
const READERS: Record<string, (value: unknown) => { value: unknown } | undefined> = {
  Date: (value) => {
    const date = typeof value === 'string' ? new Date(value) : undefined
    return date && !Number.isNaN(date.getTime()) ? { value: date } : undefined
  },
  undefined: (value) => (value === null ? { value: undefined } : undefined),
  // superjson annotates -0, which has no meaning here.
  number: (value) => (value === '-0' ? { value: 0 } : undefined),
}

const refuse = (what: string) => new TypeError(`Unable to read the input; ${what}`)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads the input of a call from its superjson form (https://github.com/flightcontrolhq/superjson). Dates are built in place: do
 * not use the given value afterwards. Two places that held the same object arrive as two objects.
 * @throws TypeError for any annotation except a date, undefined or -0, and for one that does not fit the value in its place
 */
export function readInput(written: unknown): unknown {
  // A call without an input may omit it.
  if (written === undefined) return undefined
  if (!isObject(written)) throw refuse('it is not what superjson writes')
  const { json, meta } = written
  if (meta === undefined) return json
  if (!isObject(meta)) throw refuse('its annotations are no object')
  const { values, referentialEqualities, v: version } = meta
  if (version !== undefined && version !== 1) throw refuse('its annotations are of an unknown version')
  const root = { json }
  const changes = annotationsOf(values).map((annotation) => changeOf(root, annotation))
  checkEqualities(root, referentialEqualities)
  for (const { holder, key, value } of changes) holder[key] = value
  return root.json
}

interface Annotation {
  path: string[]
  kind: unknown
}

/** One annotation of the whole, or one for each path. */
function annotationsOf(values: unknown): Annotation[] {
  if (values === undefined) return []
  if (Array.isArray(values)) return [{ path: [], kind: kindOf(values) }]
  if (!isObject(values)) throw refuse('its annotations are no object')
  const entries = Object.entries(values)
  if (entries.length > MAX_ANNOTATIONS) throw refuse(`it has more than ${MAX_ANNOTATIONS} annotations`)
  return entries.map(([path, leaf]) => ({ path: parsePath(path), kind: kindOf(leaf) }))
}

function kindOf(leaf: unknown): unknown {
  if (!Array.isArray(leaf) || leaf.length !== 1) throw refuse('an annotation is malformed')
  return leaf[0]
}

interface Change {
  holder: Record<string, unknown>
  key: string
  value: unknown
}

function changeOf(root: Record<string, unknown>, { path, kind }: Annotation): Change {
  const read = typeof kind === 'string' && Object.hasOwn(READERS, kind) ? READERS[kind] : undefined
  if (!read) throw refuse('only dates and undefined can be annotated')
  const { holder, key } = placeOf(root, path)
  const change = read(holder[key])
  if (!change) throw refuse('an annotation does not fit its value')
  return { holder, key, ...change }
}

/** The target of a path: an own property of an object or an array. */
function placeOf(root: Record<string, unknown>, path: string[]): Pick<Change, 'holder' | 'key'> {
  let holder = root
  let key = 'json'
  for (const next of path) {
    const value = holder[key]
    if (!isContainer(value) || REFUSED_KEYS.has(next) || !Object.hasOwn(value, next)) {
      throw refuse('an annotation names a place that is not there')
    }
    holder = value
    key = next
  }
  return { holder, key }
}

const isContainer = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Places that held one object. superjson has written it into each of them, and here they stay separate. */
function checkEqualities(root: Record<string, unknown>, equalities: unknown): void {
  if (equalities === undefined) return
  if (!isObject(equalities) || !Object.values(equalities).every(Array.isArray)) {
    throw refuse('its annotations are malformed')
  }
  const paths: unknown[] = [...Object.keys(equalities), ...Object.values(equalities).flat()]
  if (paths.length > MAX_ANNOTATIONS) throw refuse(`it has more than ${MAX_ANNOTATIONS} annotations`)
  for (const path of paths) placeOf(root, parsePath(path))
}

/** `a.b` in superjson's spelling: dots and backslashes within a key are escaped. */
function parsePath(path: unknown): string[] {
  if (typeof path !== 'string' || path.length > MAX_PATH_LENGTH) throw refuse('an annotation has no path')
  const keys: string[] = []
  let key = ''
  for (let at = 0; at < path.length; at++) {
    const character = path.charAt(at)
    if (character === '.') {
      keys.push(key)
      key = ''
    } else if (character === '\\') {
      const escaped = path.charAt(++at)
      if (escaped !== '.' && escaped !== '\\') throw refuse('an annotation has no path')
      key += escaped
    } else key += character
  }
  return [...keys, key]
}
