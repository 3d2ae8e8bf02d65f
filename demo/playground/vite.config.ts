// The playground by itself, beside the portal's pages: built with them it would take their shared parts to pieces, and a visitor who
// checks a document would load more of them.

import { join } from 'node:path'
import { defineConfig } from 'vite'
import { pageBuild } from '../vite.config.ts'

export default defineConfig({
  ...pageBuild,
  root: join(import.meta.dirname, '..'),
  base: './',
  build: {
    ...pageBuild.build,
    emptyOutDir: false,
    outDir: process.env.MUNIMENT_PORTAL_OUT ?? 'dist',
    rolldownOptions: { input: join(import.meta.dirname, '..', 'playground.html') },
  },
})
