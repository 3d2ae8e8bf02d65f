// The bundlers as they come: told where to begin, where to write, and whether the result runs in Node.

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes `entry` of the consumer's folder, with all it imports, into `output`. An entry that is a page's is bundled for
 * browsers, `main.js` for Node. Rejects with what the bundler complains of.
 */
export type Bundle = (folder: string, entry: string, output: string) => Promise<void>

const nodeEntry = 'main.js'

const viteBundle: Bundle = async (folder, entry, output) => {
  const { build } = await import('vite')
  // A page is index.html, which Vite looks for by itself.
  const forNode = { ssr: { noExternal: true as const }, build: { outDir: output, ssr: entry } }
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    ...(entry === nodeEntry ? forNode : { build: { outDir: output } }),
  })
}

const esbuildBundle: Bundle = async (folder, entry, output) => {
  const { build } = await import('esbuild')
  const { warnings } = await build({
    entryPoints: [entry],
    absWorkingDir: folder,
    bundle: true,
    format: 'esm',
    platform: entry === nodeEntry ? 'node' : 'browser',
    logLevel: 'silent',
    outfile: join(folder, output, 'main.js'),
  })
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'))
}

const webpackBundle: Bundle = async (folder, entry, output) => {
  const { default: webpack } = await import('webpack')
  const compiler = webpack({
    mode: 'production',
    context: folder,
    entry: `./${entry}`,
    target: entry === nodeEntry ? 'node' : 'web',
    output: { path: join(folder, output) },
  })
  await new Promise<void>((resolve, reject) => {
    compiler.run((error, stats) => {
      const { errors = [], warnings = [] } = stats?.compilation ?? {}
      // Advice on sizes is no fault.
      const faults = [
        ...errors,
        ...warnings.filter(({ name }) => !/OverSizeLimitWarning|NoAsyncChunks|RuntimeInLargeChunk/.test(name)),
      ]
      const failure = error ?? (faults.length > 0 ? new Error(faults.map(String).join('\n')) : undefined)
      compiler.close(() => (failure ? reject(failure) : resolve()))
    })
  })
  // What it writes for Node is CommonJS.
  writeFileSync(join(folder, output, 'package.json'), '{ "type": "commonjs" }\n')
}

export const bundlers: readonly { readonly name: string; readonly bundle: Bundle }[] = [
  { name: 'Vite', bundle: viteBundle },
  { name: 'esbuild', bundle: esbuildBundle },
  { name: 'webpack', bundle: webpackBundle },
]

/** The step that the elements' README asks of who uses esbuild. */
export function copyWorker(folder: string, output: string): void {
  mkdirSync(join(folder, output), { recursive: true })
  copyFileSync(
    join(folder, 'node_modules/@muniment/web-components/dist/network/worker.js'),
    join(folder, output, 'worker.js'),
  )
}
