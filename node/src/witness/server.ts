// The HTTP side of a witness: `POST /add-checkpoint` (c2sp.org/tlog-witness), and `GET /status` for people.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HomeError, systemError } from '../home-error.ts'
import {
  addCheckpointBytesMax,
  httpConnectionsMax,
  httpHeaderBytesMax,
  httpHeadersTimeoutMs,
  httpRequestTimeoutMs,
} from '../limits.ts'
import { createGate, type Gate } from '../rpc/gate.ts'
import type { Cosigner, CosignerAnswer } from './cosigner.ts'

export type WitnessServerOptions = {
  readonly cosigner: Pick<Cosigner, 'add'>
  /** JSON. */
  readonly status: () => object
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Told when a checkpoint could not be kept: the witness must not go on. */
  readonly onFailure: (error: unknown) => void
}

export type WitnessServer = { readonly url: string; readonly close: () => Promise<void> }

/** Throws HomeError: port-in-use, permission. */
export async function startWitnessServer(options: WitnessServerOptions): Promise<WitnessServer> {
  const { host, port } = options
  const gate = createGate()
  const server = createServer({
    maxHeaderSize: httpHeaderBytesMax,
    headersTimeout: httpHeadersTimeoutMs,
    requestTimeout: httpRequestTimeoutMs,
  })
  server.maxConnections = httpConnectionsMax
  server.on('connection', socket => {
    const address = socket.remoteAddress ?? ''
    if (!gate.enter(address)) {
      socket.destroy()
      return
    }
    socket.once('close', () => gate.left(address))
  })
  server.on('request', (request, response) => {
    respond({ options, gate }, request, response).catch(error => {
      // A connection that broke is nobody's mistake.
      if (error instanceof HomeError) options.onFailure(error)
      if (!response.headersSent) send(response, plain(500, 'the witness has failed'))
      else response.destroy()
    })
  })
  await listen(server, host, port)
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      const inUse = (error as { code?: unknown }).code === 'EADDRINUSE'
      if (inUse) reject(new HomeError('port-in-use', `Port ${port} on ${host} is in use; choose another one.`, error))
      else reject(systemError(error, `port ${port} on ${host}`) ?? error)
    })
    server.listen(port, host, resolve)
  })
}

type Shell = { readonly options: WitnessServerOptions; readonly gate: Gate }

async function respond({ options, gate }: Shell, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('X-Content-Type-Options', 'nosniff')
  if (!gate.takeCall(request.socket.remoteAddress ?? '')) {
    response.setHeader('Retry-After', '1')
    return send(response, plain(429, 'too many calls; slow down'))
  }
  const path = request.url?.split('?', 1)[0]
  if (path === '/status') {
    if (!allow(request, response, ['GET', 'HEAD'])) return
    const text = `${JSON.stringify(options.status(), null, 2)}\n`
    return send(response, { status: 200, type: 'application/json', text })
  }
  if (path !== '/add-checkpoint') return send(response, plain(404, 'there is POST /add-checkpoint, and GET /status'))
  if (!allow(request, response, ['POST'])) return
  const body = await readBody(request)
  if (body === undefined) {
    response.setHeader('Connection', 'close')
    return send(response, plain(413, `a request has at most ${addCheckpointBytesMax} bytes`))
  }
  send(response, await options.cosigner.add(body))
}

function allow(request: IncomingMessage, response: ServerResponse, methods: readonly string[]): boolean {
  if (methods.includes(request.method ?? '')) return true
  response.setHeader('Allow', methods.join(', '))
  send(response, plain(405, `this is asked by ${methods[0]}`))
  return false
}

/** Undefined when the body is too long; it is not read any further then. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > addCheckpointBytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function plain(status: number, text: string): CosignerAnswer {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` }
}

function send(response: ServerResponse, { status, type, text }: CosignerAnswer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}
