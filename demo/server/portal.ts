// The portal's HTTP server: the built pages under the strict policy, the network's file, the office's desk, and the node's
// RPC on the same origin.

import { createReadStream, type Stats, statSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { queryContentType } from '@muniment/sdk'

export type PortalOptions = {
  readonly host: string
  readonly port: number
  /** Built pages. */
  readonly folder: string
  /** The node's RPC, `http://127.0.0.1:26657`. */
  readonly rpc: string
  readonly networkJson: () => string
  /** Answers JSON for paths below /demo/; undefined: not found. Throws for what it refuses. */
  readonly demo: (path: string, body: unknown) => Promise<unknown>
  /** `script-src` without 'wasm-unsafe-eval', to show that the pages work where Wasm is refused. */
  readonly noWasm?: boolean
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
}
const bodyBytesMax = 64 * 1024
const proxyTimeoutMs = 20_000

function policy(noWasm: boolean): string {
  return [
    "default-src 'none'",
    `script-src 'self'${noWasm ? '' : " 'wasm-unsafe-eval'"}`,
    "style-src 'self'",
    "connect-src 'self' https: wss:",
    "worker-src 'self'",
    "img-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types muniment muniment-lit',
  ].join('; ')
}

/** Listens; rejects with the system's error (a port in use, no permission). */
export async function startPortal(
  options: PortalOptions,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => {
      if (!response.headersSent) send(response, 500, 'The portal could not answer.')
      else response.destroy()
    })
  })
  await listen(server, options)
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, { host, port }: PortalOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
}

async function answer(request: IncomingMessage, response: ServerResponse, options: PortalOptions): Promise<void> {
  const url = pathOf(request.url)
  if (!url) return send(response, 400, 'This is no address.')
  // A page elsewhere may point a name of its own at this machine: only names that mean this machine are served.
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(request.headers.host ?? '') && options.host === '127.0.0.1') {
    return send(response, 421, 'This portal answers to localhost only.')
  }
  if (url.pathname === '/rpc' || url.pathname.startsWith('/rpc/')) {
    if (isForeign(request)) return send(response, 403, 'Only this portal’s own pages ask here.')
    return proxy(request, response, { rpc: options.rpc, url })
  }
  if (url.pathname === '/network.json') return sendJson(response, 200, options.networkJson())
  if (url.pathname.startsWith('/demo/'))
    return answerDemo(request, response, { demo: options.demo, path: url.pathname })
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'Only GET is answered here.')
  sendFile(response, url.pathname, options)
}

/** Undefined for what is no path: the host in front of it is never taken from a request. */
function pathOf(text = '/'): URL | undefined {
  if (!text.startsWith('/') || text.startsWith('//')) return undefined
  return URL.canParse(text, 'http://portal') ? new URL(text, 'http://portal') : undefined
}

async function answerDemo(
  request: IncomingMessage,
  response: ServerResponse,
  { demo, path }: { readonly demo: PortalOptions['demo']; readonly path: string },
): Promise<void> {
  const json = request.headers['content-type']?.startsWith('application/json')
  if (request.method === 'POST' && (isForeign(request) || !json))
    return sendJson(response, 403, JSON.stringify({ error: 'Only this portal’s own pages act here.' }))
  try {
    const body = request.method === 'POST' ? await readBody(request) : undefined
    const result = await demo(path, body)
    if (result === undefined) return send(response, 404, 'There is nothing here.')
    sendJson(response, 200, JSON.stringify(result))
  } catch (error) {
    sendJson(response, 400, JSON.stringify({ error: error instanceof Error ? error.message : 'The act was refused.' }))
  }
}

function isForeign({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers
  return origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += (chunk as Buffer).length
    if (length > bodyBytesMax) throw new Error('The request is too long.')
    chunks.push(chunk as Buffer)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

/** Passes a question on to the node, whose address is this server's own; of the request only path and query count. */
function proxy(
  request: IncomingMessage,
  response: ServerResponse,
  { rpc, url }: { readonly rpc: string; readonly url: URL },
): void {
  const { hostname, port } = new URL(rpc)
  const { method = 'GET' } = request
  const path = `${url.pathname.slice('/rpc'.length) || '/'}${url.search}`
  const headers = { 'content-type': request.headers['content-type'] ?? 'application/json' }
  const options = { hostname, port, path, method, headers, timeout: proxyTimeoutMs }
  const forwarded = httpRequest(options, answered => {
    // The node's two kinds of answer, and no type that a page could be tricked to show.
    const type = answered.headers['content-type'] === queryContentType ? queryContentType : 'application/json'
    response.writeHead(answered.statusCode ?? 502, {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    answered.on('error', () => response.destroy())
    answered.pipe(response)
  })
  forwarded.on('timeout', () => forwarded.destroy())
  response.on('close', () => forwarded.destroy())
  forwarded.on('error', () => {
    if (!response.headersSent) send(response, 502, 'The node does not answer.')
    else response.destroy()
  })
  request.pipe(forwarded)
}

function sendFile(response: ServerResponse, pathname: string, { folder, noWasm = false }: PortalOptions): void {
  const name = pathname.endsWith('/')
    ? `${pathname}index.html`
    : extname(pathname) === ''
      ? `${pathname}.html`
      : pathname
  const found = fileOf(folder, name)
  if (!found) {
    send(response, 404, 'There is no such page.')
    return
  }
  const { path, size } = found
  response.writeHead(200, {
    'content-type': types[extname(path)] ?? 'application/octet-stream',
    'content-length': size,
    'content-security-policy': policy(noWasm),
    'permissions-policy': 'camera=(self), publickey-credentials-get=(self)',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': path.includes(`${sep}assets${sep}`) ? 'max-age=31536000, immutable' : 'no-cache',
  })
  createReadStream(path)
    .on('error', () => response.destroy())
    .pipe(response)
}

/** A file within the folder; undefined for anything else that a path may say. */
function fileOf(folder: string, name: string): { readonly path: string; readonly size: number } | undefined {
  let path: string
  let stats: Stats | undefined
  try {
    path = normalize(join(folder, decodeURIComponent(name)))
    if (!path.startsWith(normalize(folder) + sep)) return undefined
    stats = statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
  return stats?.isFile() ? { path, size: stats.size } : undefined
}

function sendJson(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}
