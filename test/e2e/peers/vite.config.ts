import { defineConfig } from 'vite'
import { pageBuild } from '../../../demo/vite.config.ts'

export default defineConfig({
  ...pageBuild,
  root: import.meta.dirname,
  build: { ...pageBuild.build, outDir: '../../output/peers' },
})
