// Pages of a test's own, built by Vite as a consumer builds them and served under the portal's strict policy.

import { join } from 'node:path'
import { build, type UserConfig } from 'vite'
import { startPortal } from '../../demo/server/portal.ts'
import { pageBuild } from '../../demo/vite.config.ts'

export type Site = { readonly origin: string; readonly close: () => Promise<void> }

const repository = join(import.meta.dirname, '..', '..')

/** Builds the pages of a folder, which is named from the repository's. */
export async function buildSite(folder: string, change: UserConfig = {}): Promise<Site> {
  const output = join(repository, 'test', 'output', folder.replaceAll('/', '-'))
  const { build: options, ...rest } = pageBuild
  await build({
    ...rest,
    ...change,
    root: join(repository, folder),
    configFile: false,
    logLevel: 'warn',
    build: { ...options, ...change.build, outDir: output },
  })
  const { port, close } = await startPortal({
    host: '127.0.0.1',
    port: 0,
    folder: output,
    rpc: 'http://127.0.0.1:1',
    networkJson: () => '{}',
    demo: async () => undefined,
  })
  return { origin: `http://localhost:${port}`, close }
}
