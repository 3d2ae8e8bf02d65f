// Builds everything that packages ship: Wasm, JavaScript with types, and the bundle of the network part.

import { commandOf, requireNode, runNode } from './run.mjs'

requireNode()

async function step(name, args) {
  const started = performance.now()
  const code = await runNode(args)
  if (code !== 0) {
    console.error(`build: ${name} failed`)
    process.exit(code || 1)
  }
  console.log(`build: ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
}

await step('assembly', ['scripts/build-assembly.mjs'])
await step('types and JavaScript', [await commandOf('typescript', 'tsc'), '-b'])
await step('network part', [
  await commandOf('vite'),
  'build',
  '--config',
  'sdk/vite.p2p.config.ts',
  '--logLevel',
  'warn',
])
