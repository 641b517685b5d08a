import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { precompress } from './precompress.ts'

// Vite takes the mode of React from NODE_ENV, which a caller of the build may have set for a program of its own.
process.env['NODE_ENV'] = 'production'

/** What does nothing but export: shared/, and libraries of which the page takes a part. */
const PURE = /\/(?:shared|node_modules\/(?:zod|markdown-it|mdurl|uc\.micro|entities))\//

/** The page is written for React and runs on Preact, which weighs a seventh. The hooks of client/react meet React in their own tests. */
const PREACT = { find: /^react(?:-dom)?(\/(?:client|jsx-runtime))?$/, replacement: 'preact/compat$1' }

/** Everything is a file of its own under /assets: the page runs where no inline script and no inline style is allowed. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), precompress()],
  resolve: { alias: [PREACT] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // The page needs the client and the reducers of shared/, not the schemas beside them.
    rolldownOptions: {
      treeshake: { moduleSideEffects: (id) => !PURE.test(id) },
      // Libraries change less often than the page: a browser keeps them over its releases. What few people need comes when they do.
      output: {
        codeSplitting: { groups: [{ name: 'libraries', test: /node_modules[\\/](?!(?:gemoji|highlight\.js)[\\/])/ }] },
      },
    },
  },
})
