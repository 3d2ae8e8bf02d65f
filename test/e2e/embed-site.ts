// A ministry's own server: the kit's folder at an origin that knows nothing of the portal or the node, with the headers that the
// kit says.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

/** Runs `muniment embed` for the network whose files lie in a folder; the demo's if none is named. */
export async function embed(out: string, home: string = process.env.MUNIMENT_DEMO_HOME!): Promise<void> {
  const given = ['--root', join(home, 'trust-root.json'), '--network', join(home, 'network.json'), '--out', out]
  const command = ['--conditions=source', 'node/src/main.ts', 'embed', ...given]
  await promisify(execFile)(process.execPath, command, { cwd: join(import.meta.dirname, '..', '..') })
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
}

export type EmbedSite = {
  readonly origin: string
  /** Paths in the order in which they were asked for. */
  readonly asked: string[]
  /** What is served in place of a file: of its text, and how often it was asked for before. */
  change: (path: string, body: string, before: number) => string
  /** Of the kit's headers. */
  changeHeaders: (headers: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
  readonly close: () => void
}

export type KitSite = {
  /** Below which path each folder is served. */
  readonly folders: Readonly<Record<string, string>>
  /** The lines of headers.txt. */
  readonly headers: string
  readonly tls?: { readonly cert: string; readonly key: string }
}

export async function serveKit({ folders, headers, tls }: KitSite): Promise<EmbedSite> {
  const sent = Object.fromEntries(
    headers
      .trim()
      .split('\n')
      .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  )
  const asked: string[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
    const before = asked.filter(each => each === path).length
    asked.push(path)
    const place = Object.keys(folders).find(each => path.startsWith(each))
    const body =
      place && (await readFile(join(folders[place]!, path.slice(place.length)), 'utf8').catch(() => undefined))
    const type = types[extname(path)] ?? 'application/octet-stream'
    response.writeHead(body ? 200 : 404, {
      ...site.changeHeaders(sent),
      'content-type': type,
      'content-encoding': 'gzip',
    })
    response.end(gzipSync(body ? site.change(path, body, before) : ''))
  }
  const server = tls ? createTlsServer(tls, answer) : createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const site: EmbedSite = {
    origin: `${tls ? 'https' : 'http'}://localhost:${port}`,
    asked,
    change: (_, body) => body,
    changeHeaders: given => given,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
  return site
}
