// The files that `muniment embed` copies: the elements without a bundler, each dynamic import of theirs through the bundle's own
// pins, and beside them the script that `muniment embed` fills in. Run by scripts/bundle.mjs.

import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'vite'
import { compactStyles } from '../web-components/compact-styles.ts'
import { renameLitPolicy } from '../web-components/rename-lit-policy.ts'
import { root } from './run.mjs'

const source = join(root, 'web-components/src/embed')
const folder = join(root, 'node/dist/kit')
/** What `muniment embed` replaces by the plan; it must stand in the script once. */
const placeholder = '__MUNIMENT_PLAN__'

export async function bundleEmbed() {
  rmSync(folder, { recursive: true, force: true })
  const parts = await bundleParts()
  writeFileSync(join(folder, 'start.js'), (await bundleScript('start.ts')).code)
  writeFileSync(join(folder, 'offline.js'), (await bundleScript('offline-worker.ts')).code)
  const single = await bundleScript('single.ts', [renameLitPolicy(), compactStyles(), withoutNetwork()])
  writeFileSync(join(folder, 'single.js'), single.code)
  writeFileSync(join(folder, 'single.licenses.md'), single.licenses)
  for (const theme of globSync(join(root, 'web-components/themes/*.css')))
    copyFileSync(theme, join(folder, `theme-${basename(theme)}`))
  writeFileSync(join(folder, 'parts.json'), `${JSON.stringify(parts, null, 2)}\n`)
}

/** What every check by HTTPS loads one after another, so that it can be fetched side by side instead. */
const network = 'web-components/src/network/connect.ts'
const wasm = ['wasm.ts', 'hash-module.generated.ts', 'probe-module.generated.ts']
/** Beside them what one by WebRTC loads. */
const peers = 'sdk/src/p2p/index.ts'
const engines = { relaxed: 'ed25519-fma-module.generated.ts', plain: 'ed25519-simd-module.generated.ts' }

/** Fails where the sources load something by another name than is looked for. */
function soonOf(chunkOf) {
  const crypto = name => chunkOf(`sdk/src/crypto/${name}`)
  return {
    check: [...new Set([chunkOf(network), ...wasm.map(crypto)])],
    engines: { relaxed: crypto(engines.relaxed), plain: crypto(engines.plain) },
    peers: chunkOf(peers),
    // Whether this browser compiles it says which engine it will ask for.
    probe: readFileSync(join(root, 'build/probe.wasm')).toString('base64'),
  }
}

/** Writes the files; answers which of them hold the elements, and what each imports at once. */
async function bundleParts() {
  const [{ output }] = await buildParts({ write: false })
  const groups = groupsOf(output.filter(({ type }) => type === 'chunk'))
  const seen = { parts: {}, files: {} }
  await buildParts({ plugins: [pinnedImports(seen)], groups })
  return seen
}

function buildParts({ write = true, plugins = [], groups }) {
  const entry = { verify: join(source, 'verify.ts'), sign: join(source, 'sign.ts') }
  return build({
    ...common(),
    plugins: [renameLitPolicy(), compactStyles(), withoutWorker(), wasmInFiles(), ...plugins],
    base: './',
    build: {
      ...common().build,
      write,
      outDir: folder,
      license: { fileName: 'licenses.md' },
      lib: { entry, formats: ['es'] },
      rolldownOptions: {
        // An entry may hand to other files what they share.
        preserveEntrySignatures: 'allow-extension',
        output: {
          minify: true,
          entryFileNames: '[name]-elements-[hash].js',
          chunkFileNames: '[name]-[hash].js',
          assetFileNames: '[name]-[hash][extname]',
          hashCharacters: 'hex',
          codeSplitting: groups ? { groups, includeDependenciesRecursively: false } : true,
        },
      },
    },
  })
}

/**
 * Left to itself the bundler makes thirty files of what every check needs, one for each set of modules that some other part needs
 * too: on a poor line that is seconds. Here it is two: what the elements share, and what a check loads.
 */
function groupsOf(chunks) {
  const modulesFrom = found => {
    const closure = new Set()
    const add = file => {
      if (closure.has(file)) return
      closure.add(file)
      for (const each of chunks.find(({ fileName }) => fileName === file)?.imports ?? []) add(each)
    }
    for (const { fileName } of found) add(fileName)
    return new Set(chunks.filter(({ fileName }) => closure.has(fileName)).flatMap(({ moduleIds }) => moduleIds))
  }
  const holding = paths => chunks.filter(({ moduleIds }) => paths.some(path => moduleIds.includes(join(root, path))))
  const [verify, sign] = ['verify', 'sign'].map(name => modulesFrom(chunks.filter(chunk => chunk.name === name)))
  const check = modulesFrom(holding([network, ...wasm.map(name => `sdk/src/crypto/${name}`)]))
  const shared = new Set([...verify, ...sign].filter(id => [verify, sign, check].filter(set => set.has(id)).length > 1))
  const own = new Set([...check].filter(id => !verify.has(id) && !sign.has(id)))
  return [
    { name: 'shared', test: id => shared.has(id) },
    { name: 'check', test: id => own.has(id) },
  ]
}

/** One script with all that it needs, and the notices of what is inside. */
async function bundleScript(name, plugins = []) {
  const [{ output }] = await build({
    ...common(),
    plugins,
    build: {
      ...common().build,
      write: false,
      license: { fileName: 'licenses.md' },
      lib: { entry: join(source, name), formats: ['es'] },
      rolldownOptions: { output: { minify: true, codeSplitting: false } },
    },
  })
  const chunks = output.filter(({ type }) => type === 'chunk')
  const { code } = chunks[0]
  if (chunks.length > 1) throw new Error(`${name} must come out as one script`)
  if (code.split(placeholder).length !== 2) throw new Error(`${placeholder} must stand once in ${name}`)
  const licenses = output.find(({ fileName }) => fileName === 'licenses.md')?.source ?? ''
  return { code, licenses: String(licenses) }
}

function common() {
  return {
    root: join(root, 'web-components'),
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    resolve: { conditions: ['source', 'browser', 'module', 'import', 'default'] },
    build: { target: 'es2022', emptyOutDir: false, reportCompressedSize: false },
  }
}

function withoutWorker() {
  return {
    name: 'muniment:without-worker',
    enforce: 'pre',
    resolveId: asked => (asked === './spawn.ts' ? join(source, 'no-worker.ts') : undefined),
  }
}

/** The single file asks nobody: no network part, no WebRTC, no worker; no pictures, for no proof fits a QR code; few languages. */
function withoutNetwork() {
  return {
    name: 'muniment:without-network',
    enforce: 'pre',
    resolveId(asked) {
      if (asked === './connect.ts') return join(source, 'single-connect.ts')
      if (asked === './network-file.ts') return join(source, 'single-network-file.ts')
      if (asked === './elsewhere.ts') return join(source, 'no-elsewhere.ts')
      if (asked === './languages.ts') return join(source, 'single-languages.ts')
      return asked === './picture.ts' || asked === './camera.ts' ? join(source, 'no-pictures.ts') : undefined
    },
  }
}

/** A library's files are put into its scripts as data: addresses else, which the strict policy refuses. */
function wasmInFiles() {
  return {
    name: 'muniment:wasm-in-files',
    enforce: 'pre',
    transform: code => code.replaceAll(/(new URL\('[^']+\.wasm)(', import\.meta\.url\))/g, '$1?no-inline$2'),
  }
}

/** A file's own dynamic imports go where its bundle checks them. Fails where one has another shape than is looked for. */
function pinnedImports(seen) {
  return {
    name: 'muniment:pinned-imports',
    enforce: 'post',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle).filter(({ type }) => type === 'chunk')) {
        if (chunk.isEntry) seen.parts[chunk.name] = chunk.fileName
        seen.files[chunk.fileName] = [...chunk.imports]
        const asked = new Set()
        chunk.code = chunk.code.replaceAll(/\bimport\([`"']\.\/([\w.-]+\.js)[`"']\)/g, (_, file) => {
          asked.add(file)
          return `globalThis[Symbol.for("muniment.bundle")].load("${file}")`
        })
        // What is in the file itself is not imported.
        const missed = chunk.dynamicImports.filter(file => file !== chunk.fileName && !asked.has(file))
        if (missed.length > 0 || /\bimport\(/.test(chunk.code))
          this.error(`${chunk.fileName} has a dynamic import that is not pinned: ${missed}`)
      }
      const chunkOf = path => {
        const found = Object.values(bundle).find(({ moduleIds }) => moduleIds?.includes(join(root, path)))
        return found?.fileName ?? this.error(`${path} is in no file`)
      }
      seen.soon = soonOf(chunkOf)
      seen.files = Object.fromEntries(Object.entries(seen.files).sort())
    },
  }
}
