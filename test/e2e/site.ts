// Pages of a test's own, built by Vite as a consumer builds them and served under the portal's strict policy.

import { join } from 'node:path'
import { build, type UserConfig } from 'vite'
import { startPortal } from '../../demo/server/portal.ts'
import { pageBuild } from '../../demo/vite.config.ts'

export type Site = { readonly origin: string; readonly close: () => Promise<void> }

/** Builds a folder beside the tests, whose pages are in it; `change` is laid over the build of all pages here. */
export async function buildSite(name: string, change: UserConfig = {}): Promise<Site> {
  const root = join(import.meta.dirname, name)
  const folder = join(import.meta.dirname, '..', 'output', name)
  const { build: options, ...rest } = pageBuild
  await build({
    ...rest,
    ...change,
    root,
    configFile: false,
    logLevel: 'warn',
    build: { ...options, ...change.build, outDir: folder },
  })
  return serveFolder(folder)
}

async function serveFolder(folder: string): Promise<Site> {
  const { port, close } = await startPortal({
    host: '127.0.0.1',
    port: 0,
    folder,
    rpc: 'http://127.0.0.1:1',
    networkJson: () => '{}',
    demo: async () => undefined,
  })
  return { origin: `http://localhost:${port}`, close }
}
