// The HTTP server: CometBFT's RPC by GET (/status, /block?height=5) and by JSON-RPC (POST /), the questions that peers ask over
// WebRTC (POST /query), /healthz and /metrics.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { answerQuery, limits, type Provider, queryContentType } from '@muniment/sdk'
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { Promises } from '../engine/receipts.ts'
import { HomeError, systemError } from '../home-error.ts'
import type { Application } from '../ledger/application.ts'
import {
  httpBodyBytesMax,
  httpConnectionsMax,
  httpHeaderBytesMax,
  httpHeadersTimeoutMs,
  httpRequestTimeoutMs,
  httpUrlLengthMax,
  preflightSeconds,
} from '../limits.ts'
import { createGate, type Gate, type GateLimits } from './gate.ts'
import { answerBody, failed, firstPaid, succeeded } from './json-rpc.ts'
import { methods, type RpcContext, type RpcLog } from './methods.ts'
import { formatHealth, formatMetrics } from './metrics.ts'
import { uriParams } from './params.ts'
import { errorObject, overLimit } from './rpc-error.ts'
import { followTlsFiles, readTlsPair, type TlsFiles } from './tls.ts'
import { createWebsocket } from './websocket.ts'

export type RpcOptions = {
  readonly engine: Engine
  /** Without one the time is the machine's. */
  readonly clock?: Clock
  /** Takes transactions and promises them a place. */
  readonly promises?: Promises
  readonly application: Application
  /** Answers the questions of `/muniment/query/1`; without it there is no /query. */
  readonly provider?: Provider
  /** The history as a log that witnesses follow; without it `history_log` is not answered. */
  readonly log?: RpcLog
  /** An address of this machine; port 0 takes any free one. */
  readonly host: string
  readonly port: number
  /** Origins whose pages may read answers; `*` is all of them. */
  readonly corsOrigins: readonly string[]
  /** Answers go by HTTPS with these; without them by HTTP. */
  readonly tls?: TlsFiles | undefined
  /** Told what the server can live with: a renewed certificate that can't be used. */
  readonly onWarning?: (sentence: string) => void
  /** Open connections of peers, for /metrics. */
  readonly connections?: () => number
  readonly limits?: GateLimits
}

export type Rpc = {
  /** `http://host:port`, or `https://host:port` */
  readonly url: string
  readonly close: () => Promise<void>
}

type Shell = {
  readonly options: RpcOptions
  readonly context: RpcContext
  readonly gate: Gate
  readonly allows: (origin: string | undefined) => boolean
  requests: number
}

/** Throws HomeError: port-in-use, permission, or file-malformed for a certificate or key that can't be used. */
export async function startRpc(options: RpcOptions): Promise<Rpc> {
  const gate = createGate(options.limits)
  const { server, unfollow } = createHttpServer(options)
  server.maxConnections = httpConnectionsMax
  const context: RpcContext = { ...options, rpcAddress: () => urlOf(server, options.host, 'tcp') }
  const allowed = new Set(options.corsOrigins)
  const allows = (origin: string | undefined): boolean =>
    origin === undefined || allowed.has('*') || allowed.has(origin)
  const shell: Shell = { options, context, gate, allows, requests: 0 }
  const websocket = createWebsocket(context, gate, allows)
  server.on('connection', socket => {
    const address = socket.remoteAddress ?? ''
    if (!gate.enter(address)) {
      socket.destroy()
      return
    }
    socket.once('close', () => gate.left(address))
  })
  server.on('request', (request, response) => respond(shell, request, response))
  server.on('upgrade', websocket.upgrade)
  await listen(server, options)
  return {
    url: urlOf(server, options.host, options.tls ? 'https' : 'http'),
    async close() {
      unfollow()
      websocket.close()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

type HttpServer = { readonly server: Server | TlsServer; readonly unfollow: () => void }

function createHttpServer({ tls, onWarning = () => {} }: RpcOptions): HttpServer {
  const bounds = {
    maxHeaderSize: httpHeaderBytesMax + httpUrlLengthMax,
    headersTimeout: httpHeadersTimeoutMs,
    requestTimeout: httpRequestTimeoutMs,
  }
  if (tls === undefined) return { server: createServer(bounds), unfollow: () => {} }
  const server = createTlsServer({
    ...bounds,
    ...readTlsPair(tls),
    minVersion: 'TLSv1.2',
    handshakeTimeout: httpHeadersTimeoutMs,
  })
  return { server, unfollow: followTlsFiles(server, tls, { onWarning }) }
}

function listen(server: Server | TlsServer, { host, port }: RpcOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      const inUse = (error as { code?: unknown }).code === 'EADDRINUSE'
      if (inUse) reject(new HomeError('port-in-use', `Port ${port} on ${host} is in use; choose another one.`, error))
      else reject(systemError(error, `port ${port} on ${host}`) ?? error)
    })
    server.listen(port, host, resolve)
  })
}

function urlOf(server: Server | TlsServer, host: string, scheme: 'http' | 'https' | 'tcp'): string {
  const { port } = server.address() as AddressInfo
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function respond(shell: Shell, request: IncomingMessage, response: ServerResponse): void {
  shell.requests += 1
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  allowOrigin(shell, request, response)
  route(shell, request, response).catch(error => {
    // A connection that broke, or our own mistake; either way nobody is told more than that.
    if (!response.headersSent) sendJson(response, 500, failed(-1, errorObject(error)))
    else response.destroy()
  })
}

/** Works on a request while few enough others are; reading a slow body takes no place. */
async function working(shell: Shell, response: ServerResponse, work: () => Promise<void>): Promise<void> {
  if (!shell.gate.start()) return sendJson(response, 503, failed(-1, overLimit('the node is busy; try again')))
  try {
    await work()
  } finally {
    shell.gate.done()
  }
}

function allowOrigin(shell: Shell, request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers
  const asks = 'Access-Control-Request-Private-Network'
  response.setHeader('Vary', request.method === 'OPTIONS' ? `Origin, ${asks}` : 'Origin')
  if (origin === undefined || !shell.allows(origin)) return
  response.setHeader('Access-Control-Allow-Origin', shell.options.corsOrigins.includes('*') ? '*' : origin)
  response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST')
  response.setHeader('Access-Control-Allow-Headers', 'Content-Type')
  response.setHeader('Access-Control-Max-Age', String(preflightSeconds))
  // A page of a public address asks a node within an office's network (Private Network Access, 3.2).
  const isPrivate = request.headers['access-control-request-private-network'] === 'true'
  if (isPrivate) response.setHeader('Access-Control-Allow-Private-Network', 'true')
}

async function route(shell: Shell, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '/'
  if (url.length > httpUrlLengthMax) return sendJson(response, 414, failed(-1, overLimit('the address is too long')))
  const [path = '/', query = ''] = url.split('?', 2)
  const { method } = request
  if (method === 'OPTIONS') return send(response, 204, 'text/plain', '')
  if (method === 'POST' && path === '/') return post(shell, request, response)
  const { provider } = shell.options
  if (method === 'POST' && path === '/query' && provider) return postQuery(shell, { request, response, provider })
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', path === '/' ? 'GET, HEAD, POST' : 'GET, HEAD')
    return sendJson(response, 405, failed(-1, overLimit('JSON-RPC is posted to /')))
  }
  if (path === '/') return send(response, 200, 'text/plain', overview())
  if (path === '/healthz') return health(shell, response)
  if (path === '/metrics') return metrics(shell, response)
  return get(shell, { name: path.slice(1), query, address: request.socket.remoteAddress ?? '' }, response)
}

async function get(
  shell: Shell,
  call: { readonly name: string; readonly query: string; readonly address: string },
  response: ServerResponse,
): Promise<void> {
  const method = Object.hasOwn(methods, call.name) ? methods[call.name] : undefined
  if (!method) return send(response, 404, 'text/plain', '404 page not found\n')
  if (!shell.gate.takeCall(call.address)) return tooMany(response)
  await working(shell, response, async () => {
    try {
      const params = uriParams(method.params, new URLSearchParams(call.query))
      const text = JSON.stringify(succeeded(-1, await method.answer(shell.context, params)))
      shell.gate.charge(call.address, text.length)
      send(response, 200, 'application/json', text)
    } catch (error) {
      sendJson(response, 500, failed(-1, errorObject(error)))
    }
  })
}

async function post(shell: Shell, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const address = request.socket.remoteAddress ?? ''
  if (!shell.gate.takeCall(address)) return tooMany(response)
  const body = await readBody(request, response, httpBodyBytesMax)
  if (body === undefined) return
  await working(shell, response, async () => {
    const takeCall = firstPaid(() => shell.gate.takeCall(address))
    const { answer, malformed } = await answerBody(shell.context, body.toString('utf8'), takeCall)
    const text = answer === undefined ? '' : JSON.stringify(answer)
    shell.gate.charge(address, text.length)
    send(response, malformed ? 500 : 200, 'application/json', text)
  })
}

type Question = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly provider: Provider
}

/** One question of a peer, by HTTP. It has no type of its own, so a page of another origin can ask without a preflight. */
async function postQuery(shell: Shell, { request, response, provider }: Question): Promise<void> {
  const address = request.socket.remoteAddress ?? ''
  if (!shell.gate.takeCall(address)) return tooMany(response)
  const body = await readBody(request, response, limits.requestBytesMax)
  if (body === undefined) return
  await working(shell, response, async () => {
    // Not Node's own kind of bytes, whose text is another: no answer may depend on how a question came.
    const question = new Uint8Array(body)
    const answer = await answerQuery(question, provider, AbortSignal.timeout(limits.requestTimeoutMs))
    shell.gate.charge(address, answer.length)
    send(response, 200, queryContentType, answer)
  })
}

function tooMany(response: ServerResponse): void {
  response.setHeader('Retry-After', '1')
  sendJson(response, 429, failed(-1, overLimit('too many calls; slow down')))
}

/** Undefined when the body is too long; it is not read any further then, and the client has been told. */
async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  bytesMax: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > bytesMax) {
      response.setHeader('Connection', 'close')
      sendJson(response, 413, failed(null, overLimit(`a body has at most ${bytesMax} bytes`)))
      return undefined
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function health({ options }: Shell, response: ServerResponse): void {
  const { healthy, text } = formatHealth(options.engine)
  send(response, healthy ? 200 : 503, 'application/json', text)
}

function metrics({ options, gate, requests }: Shell, response: ServerResponse): void {
  const counts = {
    rpcConnections: gate.connections(),
    peerConnections: options.connections?.() ?? 0,
    rpcRequests: requests,
  }
  send(response, 200, 'text/plain; version=0.0.4', formatMetrics(options.engine, counts))
}

function overview(): string {
  const calls = Object.entries(methods).map(([name, { params }]) => {
    const query = Object.keys(params).map(param => `${param}=_`)
    return `/${name}${query.length > 0 ? `?${query.join('&')}` : ''}`
  })
  return `Muniment: CometBFT's RPC\n\n${[...calls, '/healthz', '/metrics'].join('\n')}\n`
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json', JSON.stringify(value))
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
