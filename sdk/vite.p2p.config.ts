// `@muniment/sdk/p2p` ships as one file with libp2p inside: installed from npm, libp2p's WebRTC brings 700 packages.

import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['source', 'browser', 'module', 'import', 'default'] },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: false,
    minify: true,
    lib: { entry: 'src/p2p/index.ts', formats: ['es'], fileName: () => 'p2p.js' },
    rolldownOptions: { output: { codeSplitting: false } },
  },
})
