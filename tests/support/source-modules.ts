import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type ESTree, parseAst } from 'vite'

/** A reference of one module to another. */
export interface Import {
  line: number
  /** A file of this repository, or a package by its full name. */
  target: string
  isFile: boolean
  isType: boolean
  /** By `import()`: the file is loaded when somebody needs it. */
  isLater: boolean
}

/** A file of the repository, read and parsed. */
export interface Module {
  file: string
  source: string
  program: ESTree.Program
  imports: Import[]
}

const PROJECT = join(import.meta.dirname, '../..')

/** Every file that runs, in order of its path: the server, what it shares, the client's pieces, the migrations, the scripts and the page. */
export const readModules = (): Module[] =>
  readFiles('{server,shared,client,migrations,scripts,web/src}/**/*.{ts,tsx,js}')

/** The files that a pattern names, in order of their paths. */
export const readFiles = (pattern: string): Module[] => globSync(pattern, { cwd: PROJECT }).sort().map(readModule)

function readModule(file: string): Module {
  const source = readFileSync(join(PROJECT, file), 'utf8')
  const program = parseAst(source, { lang: file.endsWith('x') ? 'tsx' : 'ts' })
  const imports = [...nodesOf(program)].flatMap((node): Import[] => {
    const named = importOf(node)
    if (!named) return []
    const { specifier, isType, isLater = false } = named
    const isFile = specifier.startsWith('.')
    return [
      {
        line: lineOf(source, node),
        target: isFile ? join(dirname(file), specifier) : specifier,
        isFile,
        isType,
        isLater,
      },
    ]
  })
  return { file, source, program, imports }
}

/** What a node imports, if it does: statically, dynamically, in a type, or by declaring more of a module. */
function importOf(node: ESTree.Node): { specifier: string; isType: boolean; isLater?: boolean } | undefined {
  switch (node.type) {
    // `import { type A } from` still loads the file: only the keyword before the braces makes it a type.
    case 'ImportDeclaration':
      return { specifier: node.source.value, isType: node.importKind === 'type' }
    case 'ExportNamedDeclaration':
      return node.source ? { specifier: node.source.value, isType: node.exportKind === 'type' } : undefined
    case 'ExportAllDeclaration':
      return { specifier: node.source.value, isType: node.exportKind === 'type' }
    case 'ImportExpression': {
      const { source } = node
      return source.type === 'Literal' && typeof source.value === 'string'
        ? { specifier: source.value, isType: false, isLater: true }
        : undefined
    }
    case 'TSImportType':
      return { specifier: node.source.value, isType: true }
    case 'TSModuleDeclaration':
      return node.id.type === 'Literal' ? { specifier: node.id.value, isType: true } : undefined
    default:
      return undefined
  }
}

const isNode = (value: unknown): value is ESTree.Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** A node and all beneath it, but for what `skips` says. */
export function* nodesOf(
  node: ESTree.Node,
  skips: (node: ESTree.Node) => boolean = () => false,
): Generator<ESTree.Node> {
  yield node
  for (const child of Object.values(node).flat()) {
    if (isNode(child) && !skips(child)) yield* nodesOf(child, skips)
  }
}

export const lineOf = (source: string, { start }: ESTree.Node): number => source.slice(0, start).split('\n').length
