// Compiles assembly/ to build/*.wasm and writes each module as base64 into sdk/src/crypto/, so that pages, workers and Node
// all load it in one way. Does nothing where the outputs are newer than the sources.
// Run: node scripts/build-assembly.mjs

import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const entries = { ed25519: 'assembly/index-ed25519.ts', hash: 'assembly/hash/index.ts' }

const sources = readdirSync(join(root, 'assembly'), { recursive: true })
  .filter(name => name.endsWith('.ts'))
  .map(name => join(root, 'assembly', name))
sources.push(join(root, 'asconfig.json'), fileURLToPath(import.meta.url))

for (const [name, entry] of Object.entries(entries)) {
  const wasm = join(root, 'build', `${name}.wasm`)
  const generated = join(root, 'sdk', 'src', 'crypto', `${name}-module.generated.ts`)
  if (newest(sources) < Math.min(modified(wasm), modified(generated))) continue
  await compile(name, entry)
  const base64 = readFileSync(wasm).toString('base64')
  const text = `// Made by scripts/build-assembly.mjs from ${entry}.\nexport const base64: string =\n  '${base64}'\n`
  replace(generated, text)
  console.log(`build-assembly: ${name}, ${statSync(wasm).size} bytes of Wasm`)
}

/** asc reads paths relative to its base directory, and takes them with forward slashes on every system. */
async function compile(name, entry) {
  mkdirSync(join(root, 'build'), { recursive: true })
  const { error, stderr } = await asc.main([entry, '--baseDir', root, '--target', name])
  const messages = stderr.toString()
  if (messages !== '') process.stderr.write(messages)
  if (error !== null) throw error
}

/** In one step, so that whoever reads at the same time finds the old file or the new one. */
function replace(path, text) {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, text)
  renameSync(temporary, path)
}

function newest(paths) {
  return Math.max(...paths.map(modified))
}

/** Milliseconds; 0 for a file that is not there. */
function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
