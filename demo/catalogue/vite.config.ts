// The catalogue, which asks nobody: any server may hold what comes out. `npm run catalogue`

import { defineConfig } from 'vite'
import { pageBuild } from '../vite.config.ts'

export default defineConfig({
  ...pageBuild,
  root: import.meta.dirname,
  base: './',
  build: { ...pageBuild.build, outDir: process.env.MUNIMENT_CATALOGUE_OUT ?? 'dist' },
})
