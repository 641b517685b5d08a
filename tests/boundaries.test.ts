import { isBuiltin } from 'node:module'
import { basename, dirname } from 'node:path'
import type { ESTree } from 'vite'
import { describe, expect, test } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { type Import, lineOf, type Module, nodesOf, readFiles, readModules } from './support/source-modules.ts'

/*
 * The layout of ARCHITECTURE.md, held by reading every file's syntax. Each fault is a sentence that names the file, what it does and
 * the rule that it breaks.
 */

/** From top to bottom: each may import what stands below it. Every folder of server/ that is not named here is a noun's. */
const LAYERS = [
  'server/launch.js',
  'server/main.ts',
  'server/cluster',
  'server/app.ts',
  'server/app-interface.ts',
  'server/tuning.ts',
  'server/services.ts',
  'server/metrics',
  'server/http',
  'server/demo',
  'server/app-router.ts',
  'a noun',
  'server/log/live',
  'server/log',
  'server/access',
  'server/rpc',
  'server/jobs',
  'server/bus',
  'server/db',
  'server/db/embedded',
  'server/lib',
  'server/errors',
  'server/transport',
  'server/config.ts',
  'shared',
]

/** What the package exports, and so what may export what is another file's. */
const PACKAGE_ENTRIES = new Set([
  'shared/index.ts',
  'client/client-entry.ts',
  'client/react/react-entry.ts',
  'server/app.ts',
])

const modules = readModules()
const byFile = new Map(modules.map((module) => [module.file, module]))
const within = (...folders: string[]) => modules.filter(({ file }) => folders.some((folder) => isBelow(file, folder)))

/** Sentences about the imports that a rule does not allow. */
const importFaults = (of: Module[], rule: string, isAllowed: (each: Import, module: Module) => boolean): string[] =>
  of.flatMap((module) =>
    module.imports
      .filter((each) => !isAllowed(each, module))
      .map(
        ({ line, target, isType }) => `${module.file}:${line} imports ${isType ? 'types of ' : ''}${target}; ${rule}`,
      ),
  )

function isBelow(target: string, folder: string): boolean {
  return target.startsWith(`${folder}/`)
}

/** Each cycle among these nodes, as a sentence. */
function cyclesIn(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (node: string, path: string[]) => {
    if (path.includes(node)) cycles.push([...path.slice(path.indexOf(node)), node].join(' imports '))
    if (path.includes(node) || done.has(node)) return
    for (const next of edges.get(node) ?? []) visit(next, [...path, node])
    done.add(node)
  }
  for (const node of edges.keys()) visit(node, [])
  return cycles
}

/** The layer of a file. */
function layerOf(file: string): string {
  const known = LAYERS.filter((layer) => file === layer || isBelow(file, layer)).sort((a, b) => b.length - a.length)
  return known[0] ?? 'a noun'
}

describe('imports', () => {
  test('lead to files that are there', () => {
    const faults = importFaults(modules, 'no such file', ({ target, isFile }) => {
      return !isFile || byFile.has(target) || target.endsWith('.css') || target.endsWith('.svg')
    })
    expect(faults).toEqual([])
  })

  test('point down the layout, types as well', () => {
    const rule = 'imports point down the layout, and a noun may use another'
    const faults = importFaults(within('server'), rule, ({ target, isFile }, { file }) => {
      const [from, to] = [layerOf(file), layerOf(target)]
      return !isFile || from === to || LAYERS.indexOf(from) < LAYERS.indexOf(to)
    })
    expect(faults).toEqual([])
  })

  test('form no cycle between files, types included', () => {
    // What a file loads later, by `import()`, is no part of it, and neither are the types of that.
    const edges = new Map(
      modules.map(({ file, imports }) => {
        const later = new Set(imports.filter(({ isLater }) => isLater).map(({ target }) => target))
        return [file, imports.filter(({ target, isFile }) => isFile && !later.has(target)).map(({ target }) => target)]
      }),
    )
    expect(cyclesIn(edges)).toEqual([])
  })

  test("form no cycle between the server's folders, types included", () => {
    const edges = new Map<string, string[]>()
    for (const { file, imports } of within('server')) {
      const folder = dirname(file)
      const others = imports.flatMap(({ target, isFile }) =>
        isFile && dirname(target) !== folder ? dirname(target) : [],
      )
      if (folder !== 'server') edges.set(folder, [...(edges.get(folder) ?? []), ...others])
    }
    expect(cyclesIn(edges)).toEqual([])
  })

  test('of shared/ are few, and of the server it knows the type of the router alone', () => {
    const rule =
      'shared/ imports zod, superjson, @trpc/client, types of @trpc/server, and of server/ the type of the router'
    const faults = importFaults(within('shared'), rule, ({ target, isFile, isType }) => {
      if (isFile) return isBelow(target, 'shared') || (isType && target === 'server/app-router.ts')
      if (target === '@trpc/server') return isType
      return ['zod', 'superjson', '@trpc/client', '@trpc/server/observable'].includes(target)
    })
    expect(faults).toEqual([])
  })

  test("of client/ lead to shared/'s door alone, and to React only beneath client/react/", () => {
    const plain = modules.filter(({ file }) => isBelow(file, 'client') && !isBelow(file, 'client/react'))
    const plainFaults = importFaults(plain, 'client/ imports shared/index.ts alone, and knows no framework', (each) => {
      const { target, isFile, isType } = each
      if (!isFile) return isType && target === '@trpc/server'
      return target === 'shared/index.ts' || (isBelow(target, 'client') && !isBelow(target, 'client/react'))
    })
    const rule = 'client/react/ imports client/, shared/index.ts, react and @tanstack/react-query'
    const reactFaults = importFaults(within('client/react'), rule, ({ target, isFile }) =>
      isFile
        ? target === 'shared/index.ts' || isBelow(target, 'client')
        : ['react', '@tanstack/react-query'].includes(target),
    )
    expect([...plainFaults, ...reactFaults]).toEqual([])
  })

  test('of the transport lead to nothing of the chat', () => {
    const rule = 'server/transport/ knows no chat'
    const faults = importFaults(within('server/transport'), rule, ({ target, isFile }) => {
      return !isFile || isBelow(target, 'server/transport')
    })
    expect(faults).toEqual([])
  })

  test("of the context lead to shared/ alone, so that the router's type depends on no server package", () => {
    const context = modules.filter(({ file }) => file === 'server/rpc/context.ts')
    expect(context).toHaveLength(1)
    const rule = 'server/rpc/context.ts imports types of shared/ alone'
    expect(importFaults(context, rule, ({ target, isType }) => isType && isBelow(target, 'shared'))).toEqual([])
  })

  test('of the page, the migrations and the scripts stay in their own places', () => {
    const page = importFaults(
      within('web/src'),
      'web/ imports of the rest the doors of client/ and shared/',
      (each) => {
        const { target, isFile } = each
        return !isFile || isBelow(target, 'web') || isBelow(target, 'shared') || PACKAGE_ENTRIES.has(target)
      },
    )
    const steps = importFaults(
      within('migrations'),
      'a migration imports kysely alone',
      ({ target }) => target === 'kysely',
    )
    const others = importFaults(
      within('server', 'shared'),
      'nothing of the server depends on client/, web/, tests/, bench/ or scripts/',
      ({ target, isFile }) => !isFile || isBelow(target, 'server') || isBelow(target, 'shared'),
    )
    expect([...page, ...steps, ...others]).toEqual([])
  })

  test("of the test kit's core lead to no test framework", () => {
    const support = new Map(readFiles('tests/support/*.ts').map((module) => [module.file, module]))
    const core = new Set(['tests/support/test-kit.ts'])
    // A set that grows while it is walked is walked to its new end.
    for (const file of core) {
      for (const { target, isFile } of support.get(file)?.imports ?? []) if (isFile) core.add(target)
    }
    const ofCore = [...core].flatMap((file) => support.get(file) ?? [])
    expect(ofCore.map(({ file }) => file)).toEqual(['tests/support/test-kit.ts', 'tests/support/own-database.ts'])
    const rule = 'the core of the test kit runs under any test framework'
    expect(importFaults(ofCore, rule, ({ target }) => !/^vitest(\/|$)/.test(target))).toEqual([])
  })

  test('of packages are dependencies that an installation has', () => {
    const { dependencies, optionalDependencies, peerDependencies } = packageJson
    const installed = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
    const rule = 'what runs needs a dependency, not a development dependency'
    const faults = importFaults(
      within('server', 'shared', 'client', 'migrations'),
      rule,
      ({ target, isFile, isType }) => {
        const name = target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/')
        return isFile || isType || target.startsWith('node:') || installed.includes(name)
      },
    )
    const bare = importFaults(modules, 'a module of Node is written with node:', ({ target, isFile }) => {
      return isFile || !isBuiltin(target) || target.startsWith('node:')
    })
    expect([...faults, ...bare]).toEqual([])
  })
})

describe('exports', () => {
  test('have names', () => {
    const faults = modules.flatMap(({ file, source, program }) =>
      program.body
        .filter((statement) => statement.type === 'ExportDefaultDeclaration')
        .map((statement) => `${file}:${lineOf(source, statement)} has a default export; exports have names`),
    )
    expect(faults).toEqual([])
  })

  test('are of the file itself, but for the doors of the package', () => {
    const faults = modules.flatMap(({ file, source, program }) =>
      program.body
        .filter((statement) => statement.type === 'ExportAllDeclaration' || isReexport(statement))
        .filter(() => !PACKAGE_ENTRIES.has(file))
        .map((statement) => `${file}:${lineOf(source, statement)} exports what is another file's; no barrels`),
    )
    expect(faults).toEqual([])
  })
})

const isReexport = (statement: ESTree.Node) => statement.type === 'ExportNamedDeclaration' && statement.source !== null

describe('files', () => {
  test('have names in kebab-case', () => {
    const faults = modules
      .filter(({ file }) => !/^(\d{4}-)?[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.(ts|tsx|js)$/.test(basename(file)))
      .map(({ file }) => `${file} is not in kebab-case`)
    expect(faults).toEqual([])
  })

  test('have names of their own', () => {
    const byName = Map.groupBy(modules, ({ file }) => basename(file).replace(/\.\w+$/, ''))
    const faults = [...byName.values()]
      .filter((same) => same.length > 1)
      .map((same) => `${same.map(({ file }) => file).join(' and ')} have one name; a name is unique in the repository`)
    expect(faults).toEqual([])
  })
})

describe('the environment', () => {
  test('is read in server/config.ts alone', () => {
    const faults = within('server', 'shared', 'client', 'migrations', 'scripts')
      .filter(({ file }) => file !== 'server/config.ts')
      .flatMap(({ file, source, program }) =>
        [...nodesOf(program)]
          .filter(isEnvironment)
          .map((node) => `${file}:${lineOf(source, node)} reads the environment; server/config.ts alone does`),
      )
    expect(faults).toEqual([])
  })
})

/** `process.env`, `process['env']`, `{ env } = process`, `import { env } from 'node:process'`. */
function isEnvironment(node: ESTree.Node): boolean {
  if (node.type === 'MemberExpression') {
    const { object, property } = node
    const name = property.type === 'Identifier' ? property.name : property.type === 'Literal' && property.value
    return object.type === 'Identifier' && object.name === 'process' && name === 'env'
  }
  if (node.type === 'VariableDeclarator' && node.init?.type === 'Identifier' && node.init.name === 'process') {
    const names = node.id.type === 'ObjectPattern' ? node.id.properties : []
    return names.some((each) => each.type === 'Property' && each.key.type === 'Identifier' && each.key.name === 'env')
  }
  return node.type === 'ImportDeclaration' && /^(node:)?process$/.test(node.source.value)
}

const RULE = 'no state, timer or connection at module level'
const STARTS = new Set(['main.ts', 'launch.js'])
const TIMERS_AND_CONNECTIONS = new Set([
  'setInterval',
  'setTimeout',
  'setImmediate',
  'createServer',
  'connect',
  'createPool',
  'fetch',
])
const LISTS = new Set(['Map', 'Set', 'WeakMap', 'WeakSet'])
const PLAIN_CLASSES = new Set(['RegExp', 'Date', 'URL', 'TextEncoder', 'TextDecoder', 'Intl'])

/** Why something that runs when the file is loaded should not. */
function stateOf(node: ESTree.Node): string | undefined {
  if (node.type === 'VariableDeclaration') return node.kind === 'const' ? undefined : `declares with ${node.kind}`
  if (node.type === 'CallExpression' && node.callee.type === 'Identifier') {
    return TIMERS_AND_CONNECTIONS.has(node.callee.name) ? `calls ${node.callee.name}` : undefined
  }
  if (node.type !== 'NewExpression' || node.callee.type !== 'Identifier') return undefined
  const { name } = node.callee
  if (PLAIN_CLASSES.has(name) || (LISTS.has(name) && node.arguments.length > 0)) return undefined
  return `makes a new ${name}`
}

const RUN_LATER = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'MethodDefinition'])
const isRunLater = (node: ESTree.Node) =>
  RUN_LATER.has(node.type) || (node.type === 'PropertyDefinition' && !node.static)

describe('modules', () => {
  test('hold nothing', () => {
    const faults = within('server', 'shared', 'client', 'migrations').flatMap(({ file, source, program }) =>
      [...nodesOf(program, isRunLater)].flatMap((node) => {
        const state = stateOf(node)
        return state ? [`${file}:${lineOf(source, node)} ${state}; ${RULE}`] : []
      }),
    )
    expect(faults).toEqual([])
  })

  test('do nothing when they are loaded, but for those that start the process', () => {
    const faults = within('server', 'shared', 'client', 'migrations')
      .filter(({ file }) => !STARTS.has(basename(file)))
      .flatMap(({ file, source, program }) =>
        program.body
          .filter(
            ({ type }) => !/^((Import|Export|TS|Variable|Function|Class)\w*Declaration|TSDeclareFunction)$/.test(type),
          )
          .map((statement) => `${file}:${lineOf(source, statement)} runs when it is loaded; ${RULE}`),
      )
    expect(faults).toEqual([])
  })
})
