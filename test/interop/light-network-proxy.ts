// An RPC server in front of a node of a live network, which answers for it, truly or not.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { formatSignedHeader, formatValidator, lightBlockFromRpcJson } from '../../sdk/src/comet/rpc-json.ts'
import { type Answer, caller } from './cometbft.ts'

export type ProxyServer = {
  readonly rpc: string
  /** Methods asked. */
  readonly asked: readonly string[]
  readonly close: () => Promise<void>
}

/** What the node would have answered: a result, or the error that it says. */
type Ask = (method: string, params: object) => Promise<Answer>

/** Answers each question by this function; the server in front of the node that it can ask. */
export async function startProxy(
  node: string,
  answer: (method: string, params: Record<string, string>, ask: Ask) => Promise<Answer>,
): Promise<ProxyServer> {
  const ask = caller(node)
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method, params, id } = JSON.parse(Buffer.concat(chunks).toString())
    asked.push(method)
    const body = await answer(method, params, ask).then(
      result => ({ result }),
      error => ({ error: { code: -32603, message: 'Internal error', data: String(error) } }),
    )
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...body }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  return {
    rpc: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`,
    asked,
    close() {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

/** A node's light blocks, each as it comes out of this function, under its own height. Evidence it keeps to itself. */
export function startBlockProxy(
  node: string,
  change: (block: LightBlock) => LightBlock | Promise<LightBlock>,
): Promise<ProxyServer> {
  return startProxy(node, async (method, params, ask) => {
    assert.notEqual(method, 'broadcast_evidence', 'refused')
    if (method !== 'commit' && method !== 'validators') return ask(method, params)
    const { signed_header } = await ask('commit', params.height === undefined ? {} : { height: params.height })
    const { height } = signed_header.header
    const { validators } = await ask('validators', { height, per_page: '100' })
    const block = await change(lightBlockFromRpcJson({ signed_header, validators }))
    if (method === 'commit') return { signed_header: formatSignedHeader(block), canonical: true }
    const all = block.validatorSet.validators.map(formatValidator)
    return { block_height: height, validators: all, count: String(all.length), total: String(all.length) }
  })
}
