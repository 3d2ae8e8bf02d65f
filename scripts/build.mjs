// Builds everything that packages ship: Wasm, JavaScript with types, and the bundles.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { commandOf, requireNode, root, runNode } from './run.mjs'

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

// From nothing: what an older source left behind must not be packed.
for (const name of ['sdk', 'web-components', 'node']) rmSync(join(root, name, 'dist'), { recursive: true, force: true })
await step('assembly', ['scripts/build-assembly.mjs'])
await step('types and JavaScript', [await commandOf('typescript', 'tsc'), '-b'])
await step('bundles', ['--no-warnings', 'scripts/bundle.mjs'])
