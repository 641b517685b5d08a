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

/** A stretch of code with one style. */
export interface CodeRun {
  /** Its innermost token type: "keyword", "title.function"; '' for plain code. */
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

/** Some text costs a grammar more than its length: an endless word is matched from each of its letters. */
const MAX_LENGTH = 20_000
const LONG_LINE = /.{300}/

/** Collects runs in a flat list: nested code does not nest elements. */
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

  /** Code in another language within this one. */
  __addSublanguage(inner: unknown) {
    if (inner instanceof RunEmitter) this.runs.push(...inner.runs)
  }

  finalize() {
    this.#scopes.length = 0
  }

  /** highlight.js requests markup after every run; the page does not use it. */
  toHTML() {
    return ''
  }
}

highlighter.configure({ __emitter: RunEmitter })

/** The runs of a code block; undefined if it stays plain, because its language is unknown or it is too long. */
export function highlightCode(text: string, language: string): readonly CodeRun[] | undefined {
  if (!highlighter.getLanguage(language) || text.length > MAX_LENGTH || LONG_LINE.test(text)) return undefined
  const { _emitter: emitter, errorRaised } = highlighter.highlight(text, { language, ignoreIllegals: true })
  return emitter instanceof RunEmitter && !errorRaised ? emitter.runs : undefined
}
