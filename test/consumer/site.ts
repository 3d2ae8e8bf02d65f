// A stranger's pages: static files under the policy that the elements' README gives.

import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
}

/** The README's line; nothing else may be loaded. */
export const documentedPolicy = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'"
export const documentedTrustedTypes = "require-trusted-types-for 'script'; trusted-types muniment lit-html muniment-lit"

export type Site = { readonly address: string; readonly close: () => void }

export type SiteOptions = {
  readonly folder: string
  readonly policy: string
  /** Bodies of paths that are no files. */
  readonly made: Readonly<Record<string, string>>
}

export async function serveSite({ folder, policy, made }: SiteOptions): Promise<Site> {
  const server: Server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
    const name = path.endsWith('/') ? `${path}index.html` : path
    const body = made[name] ?? (await readFile(join(folder, name)).catch(() => undefined))
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': `default-src 'none'; ${policy}`,
    })
    response.end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { address: `http://localhost:${port}/`, close: () => server.close() }
}
