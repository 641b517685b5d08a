import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { patched } from './source-patch.ts'

/* Preloaded into a server process (`node --import`): one module is loaded with one text of it replaced. */
const { file, from, to } = JSON.parse(process.env['PATCHED_SOURCE'] ?? '{}')
const target = pathToFileURL(join(import.meta.dirname, '../..', file)).href

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context)
    if (url !== target) return loaded
    const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
    return { ...loaded, source: patched(source, { file, from, to }) }
  },
})
