import core from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import css from 'highlight.js/lib/languages/css'
import diff from 'highlight.js/lib/languages/diff'
import go from 'highlight.js/lib/languages/go'
import java from 'highlight.js/lib/languages/java'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import yaml from 'highlight.js/lib/languages/yaml'

/** A stretch of code that looks the same. */
export interface CodeRun {
  /** What it is in the language, the innermost: "keyword", "title.function"; '' where it is nothing of note. */
  scope: string
  text: string
}

const highlighter = core.newInstance()
for (const [name, language] of Object.entries({
  bash,
  css,
  diff,
  go,
  java,
  javascript,
  json,
  python,
  rust,
  sql,
  typescript,
  xml,
  yaml,
}))
  highlighter.registerLanguage(name, language)

/** What costs a grammar more than its length: a word without end is looked at from each of its letters. */
const MAX_LENGTH = 20_000
const LONG_LINE = /.{300}/

/** Gathers runs, one after the other: however deep code nests, what is shown does not. */
class RunEmitter {
  readonly runs: CodeRun[] = []
  readonly #scopes: string[] = []

  openNode(scope: string) {
    this.#scopes.push(scope)
  }

  closeNode() {
    this.#scopes.pop()
  }

  /** highlight.js calls both pairs. */
  startScope(scope: string) {
    this.openNode(scope)
  }

  endScope() {
    this.closeNode()
  }

  addText(text: string) {
    const scope = this.#scopes.at(-1) ?? ''
    const last = this.runs.at(-1)
    if (last?.scope === scope) last.text += text
    else if (text) this.runs.push({ scope, text })
  }

  /** Code of another language within. */
  __addSublanguage(inner: unknown) {
    if (inner instanceof RunEmitter) this.runs.push(...inner.runs)
  }

  finalize() {
    this.#scopes.length = 0
  }

  /** highlight.js asks for markup after every run; the page has no use for it. */
  toHTML() {
    return ''
  }
}

highlighter.configure({ __emitter: RunEmitter })

/** Code in runs; undefined where it stays plain: its language is not known here, or it is too long. */
export function highlightCode(text: string, language: string): readonly CodeRun[] | undefined {
  if (!highlighter.getLanguage(language) || text.length > MAX_LENGTH || LONG_LINE.test(text)) return undefined
  const { _emitter: emitter, errorRaised } = highlighter.highlight(text, { language, ignoreIllegals: true })
  return emitter instanceof RunEmitter && !errorRaised ? emitter.runs : undefined
}
