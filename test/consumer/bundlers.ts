// The bundlers as they come: told where to begin and where to write, and nothing else.

import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Writes `entry` of the consumer's folder, with all it imports, into `output`; answers the path of the first file. */
export type Bundle = (folder: string, entry: string, output: string) => Promise<string>

const viteBundle: Bundle = async (folder, entry, output) => {
  const { build } = await import('vite')
  const outDir = join(folder, output)
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir,
      rolldownOptions: { input: join(folder, entry), output: { entryFileNames: 'main.js' } },
    },
  })
  return join(outDir, 'main.js')
}

const esbuildBundle: Bundle = async (folder, entry, output) => {
  const { build } = await import('esbuild')
  const outfile = join(folder, output, 'main.js')
  await build({
    entryPoints: [join(folder, entry)],
    absWorkingDir: folder,
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    outfile,
  })
  return outfile
}

const webpackBundle: Bundle = async (folder, entry, output) => {
  const { default: webpack } = await import('webpack')
  const path = join(folder, output)
  const compiler = webpack({ mode: 'production', context: folder, entry: join(folder, entry), output: { path } })
  await new Promise<void>((resolve, reject) => {
    compiler.run((error, stats) => {
      const failure = error ?? (stats?.hasErrors() || stats?.hasWarnings() ? new Error(stats.toString()) : undefined)
      compiler.close(() => (failure ? reject(failure) : resolve()))
    })
  })
  return join(path, 'main.js')
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
