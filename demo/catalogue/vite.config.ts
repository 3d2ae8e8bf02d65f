// The catalogue and the playground, which ask nobody: any server may hold what comes out. `npm run catalogue`

import { join } from 'node:path'
import { defineConfig } from 'vite'
import { pageBuild } from '../vite.config.ts'

export default defineConfig({
  ...pageBuild,
  root: join(import.meta.dirname, '..'),
  base: './',
  build: {
    ...pageBuild.build,
    outDir: process.env.MUNIMENT_CATALOGUE_OUT ?? 'catalogue/dist',
    rolldownOptions: {
      input: ['catalogue/index.html', 'playground.html'].map(name => join(import.meta.dirname, '..', name)),
    },
  },
})
