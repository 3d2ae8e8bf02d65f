// What a page downloads to check a record by itself: the verifier without a network stack. What counts is what is loaded while
// a bundle is checked, and not what the bundler might have fetched besides.

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import type * as Sdk from '@muniment/sdk'
import { build } from 'vite'
import { encodeBundle } from '../sdk/src/record/bundle.ts'
import { makeFixture } from './mutation/fixture.ts'

const verifierBytesMax = 60_000

const home = mkdtempSync(join(tmpdir(), 'muniment-size-'))
const folder = join(home, 'verifyBundle')
after(() => rmSync(home, { recursive: true, force: true }))
before(() => bundle('verifyBundle'))

/** Bundled for browsers from one public name, as an application would be; what is imported on demand stays in files of its own. */
async function bundle(name: 'verifyBundle' | 'verifyRecord'): Promise<void> {
  const entry = 'the page'
  await build({
    root: import.meta.dirname,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    resolve: { conditions: ['source', 'browser', 'module', 'import', 'default'] },
    plugins: [
      {
        name: 'muniment:entry',
        resolveId: id => (id === entry ? `\0${entry}` : undefined),
        load: id => (id === `\0${entry}` ? `export { ${name} } from '@muniment/sdk'` : undefined),
      },
    ],
    build: {
      outDir: join(home, name),
      target: 'es2022',
      minify: true,
      reportCompressedSize: false,
      modulePreload: false,
      rolldownOptions: {
        input: entry,
        preserveEntrySignatures: 'strict',
        // What is imported on demand keeps its own name, so that it can be told what was loaded.
        output: { entryFileNames: 'entry.mjs', chunkFileNames: '[name].mjs' },
      },
    },
  })
}

/** Whatever the processor: both are of a kind, and the larger one counts. */
const engines = ['ed25519-fma-module.generated.mjs', 'ed25519-simd-module.generated.mjs']

const sizeOf = (name: string): number => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length

/** Names of the files that are loaded while `run` runs. */
async function loadedBy(run: (sdk: typeof Sdk) => Promise<void>): Promise<readonly string[]> {
  const loaded = new Set<string>()
  const hooks = registerHooks({
    load(url, context, next) {
      if (url.startsWith(pathToFileURL(folder).href)) loaded.add(basename(fileURLToPath(url)))
      return next(url, context)
    },
  })
  try {
    await run(await import(pathToFileURL(join(folder, 'entry.mjs')).href))
  } finally {
    hooks.deregister()
  }
  return [...loaded]
}

test('the verifier without a network stack is at most 60 kB, JavaScript and Wasm together', async context => {
  const { bundle: proof, root, network, now } = await makeFixture()
  const loaded = await loadedBy(async ({ verifyBundle }) => {
    const file = encodeBundle(proof)
    assert.equal((await verifyBundle(file, { root, network, now })).code, 'current')
    const place = file.length >> 1
    file[place]! ^= 1
    assert.notEqual((await verifyBundle(file, { root, network, now })).kind, 'valid')
  })
  // What the check went by: Wasm, and nothing for keys that this chain does not have.
  assert.equal(loaded.filter(name => engines.includes(name)).length, 1, loaded.join())
  assert.ok(loaded.includes('hash-module.generated.mjs'))
  const counted = [
    ...loaded.filter(name => !engines.includes(name)),
    engines.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0]!,
  ]
  const total = counted.reduce((sum, name) => sum + sizeOf(name), 0)
  for (const name of counted) context.diagnostic(`${name}: ${sizeOf(name)} bytes`)
  context.diagnostic(`the verifier: ${total} bytes, gzip`)
  const left = readdirSync(folder).filter(name => !counted.includes(name))
  context.diagnostic(`loaded by other keys or hosts only: ${left.map(name => `${name} ${sizeOf(name)}`).join(', ')}`)
  for (const unwanted of ['fallback', 'p256', 'secp256k1', 'bls12381', 'mldsa65', 'worker-crypto'])
    assert.ok(!loaded.includes(`${unwanted}.mjs`), `${unwanted} is loaded`)
  assert.ok(total <= verifierBytesMax, `${total} bytes`)
})

test('it has nothing inside that could ask anybody', () => {
  const text = readFileSync(join(folder, 'entry.mjs'), 'utf8')
  assert.doesNotMatch(text, /\bfetch\(|XMLHttpRequest|WebSocket|RTCPeerConnection|abci_query/)
})

test('the other public way, which asks nodes over HTTP, brings its questions and no WebRTC', async context => {
  await bundle('verifyRecord')
  const name = join('..', 'verifyRecord', 'entry.mjs')
  context.diagnostic(`the first file of it: ${sizeOf(name)} bytes, gzip, of ${sizeOf('entry.mjs')} without`)
  const text = readFileSync(join(folder, name), 'utf8')
  assert.match(text, /\bfetch\(/)
  assert.doesNotMatch(text, /RTCPeerConnection|libp2p/)
})
