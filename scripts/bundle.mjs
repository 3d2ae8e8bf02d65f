// The files that packages ship ready-made, because no consumer should need a bundler's settings for them: the network part,
// the workers, and the elements for a page without a bundler. Run after tsc: node scripts/bundle.mjs

import { rmSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { build } from 'vite'
import { compactStyles } from '../web-components/compact-styles.ts'
import { renameLitPolicy } from '../web-components/rename-lit-policy.ts'
import { bundleEmbed } from './bundle-embed.mjs'
import { root } from './run.mjs'

const sdk = join(root, 'sdk')
const elements = join(root, 'web-components')
/** Our own packages come from their sources, so that each list of notices names all that is inside. */
const conditions = ['source', 'browser', 'module', 'import', 'default']

// Installed from npm, libp2p's WebRTC brings 700 packages: here it is inside.
await bundle({
  entry: join(sdk, 'src/p2p/index.ts'),
  file: join(sdk, 'dist/p2p.js'),
  plugins: [keepOwnModules(join(sdk, 'src'), join(sdk, 'src/p2p'))],
})

// ML-DSA's package brings ciphers too, which nothing here uses: what is used is inside.
const mldsa65 = join(sdk, 'dist/crypto/validator-keys/mldsa65.js')
await bundle({ entry: mldsa65, file: mldsa65 })

// A worker is one file: bundlers copy it, or read it without being told of its parts.
await bundle({ entry: join(sdk, 'dist/crypto/worker.js'), file: join(sdk, 'dist/worker.js') })
await bundle({ entry: join(elements, 'dist/network/worker.js'), file: join(elements, 'dist/network/worker.js') })

const page = join(elements, 'dist/page')
rmSync(page, { recursive: true, force: true })
await build({
  ...common(elements),
  plugins: [renameLitPolicy(), compactStyles()],
  worker: { format: 'es', rolldownOptions: { output: { entryFileNames: '[name]-[hash].js' } } },
  base: './',
  build: {
    ...common(elements).build,
    outDir: page,
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
    modulePreload: false,
    rolldownOptions: {
      input: join(elements, 'dist/index.js'),
      preserveEntrySignatures: 'strict',
      output: {
        entryFileNames: 'verify.js',
        chunkFileNames: '[name]-[hash].js',
        assetFileNames: '[name]-[hash][extname]',
      },
    },
  },
})

await bundleEmbed()

function common(folder) {
  return {
    root: folder,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    resolve: { conditions },
    build: { target: 'es2022', minify: true, emptyOutDir: false, reportCompressedSize: false },
  }
}

async function bundle({ entry, file, plugins = [] }) {
  const { build: options, ...rest } = common(dirname(dirname(file)))
  await build({
    ...rest,
    plugins,
    build: {
      ...options,
      outDir: dirname(file),
      // The notices that the parts inside ask for.
      license: { fileName: `${basename(file, '.js')}.licenses.md` },
      lib: { entry, formats: ['es'], fileName: () => relative(dirname(file), file) },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
}

/** The package's own modules stay outside: VerifyError must be the same class in each file that throws or catches it. */
function keepOwnModules(source, inside) {
  return {
    name: 'muniment:keep-own-modules',
    enforce: 'pre',
    resolveId(asked, importer) {
      if (importer === undefined || !asked.startsWith('.') || !importer.startsWith(source + sep)) return undefined
      const path = join(dirname(importer), asked)
      if (path.startsWith(inside + sep)) return undefined
      return { id: `./${relative(source, path).split(sep).join('/').replace(/\.ts$/, '.js')}`, external: true }
    },
  }
}
