// Compiles assembly/ to build/*.wasm and writes each module as base64 into sdk/src/crypto/, so that pages, workers and Node
// all load it in one way. Does nothing where the outputs are newer than the sources.
// Run: node scripts/build-assembly.mjs

import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateSync } from 'node:zlib'
import { compile } from '../assembly/generator/compile.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = ['ed25519-fma', 'ed25519-simd', 'probe', 'hash']

const sources = readdirSync(join(root, 'assembly'), { recursive: true })
  .filter(name => /\.(ts|mjs)$/.test(name))
  .map(name => join(root, 'assembly', name))
sources.push(join(root, 'asconfig.json'), fileURLToPath(import.meta.url))

mkdirSync(join(root, 'build'), { recursive: true })
for (const name of modules) {
  const wasm = join(root, 'build', `${name}.wasm`)
  const generated = join(root, 'sdk', 'src', 'crypto', `${name}-module.generated.ts`)
  if (newest(sources) < Math.min(modified(wasm), modified(generated))) continue
  const binary = await compile(name)
  replace(wasm, binary)
  // A server compresses base64 of deflated Wasm to what gzip makes of the Wasm itself. Small modules are the shorter plain.
  const deflated = deflateSync(binary, { level: 9 })
  const base64 = (deflated.length < binary.length ? deflated : Buffer.from(binary)).toString('base64')
  const text = `// Made by scripts/build-assembly.mjs from assembly/.\nexport const base64: string =\n  '${base64}'\n`
  replace(generated, text)
  console.log(`build-assembly: ${name}, ${binary.length} bytes of Wasm`)
}

/** In one step, so that whoever reads at the same time finds the old file or the new one. */
function replace(path, contents) {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, contents)
  renameSync(temporary, path)
}

function newest(paths) {
  return Math.max(...paths.map(modified))
}

/** Milliseconds; 0 for a file that is not there. */
function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
