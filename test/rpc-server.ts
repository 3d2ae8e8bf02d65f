// A CometBFT RPC server as a fetch function, over a signed chain and a small state tree: no socket, and open to a test
// that wants it to lie.

import { equals, formatBase64, parseBase64, parseHex } from '../sdk/src/bytes.ts'
import { formatSignedHeader, formatValidator } from '../sdk/src/comet/rpc-json.ts'
import { commitmentProof } from '../sdk/src/ics23/proof.ts'
import type { SignedChain } from './signed-chain.ts'
import { type Entry, exists, type SmallTree, type Stores } from './small-tree.ts'

export type RpcChain = SignedChain & {
  readonly entries: readonly Entry[]
  readonly tree: SmallTree
  /** The same at every height. */
  readonly stores: Stores
}

type Params = Record<string, string>

export type RpcServer = {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Methods asked, with their heights. */
  readonly asked: string[]
  /** Transactions received. */
  readonly submitted: Uint8Array[]
}

export function createRpcServer(chain: RpcChain): RpcServer {
  const asked: string[] = []
  const submitted: Uint8Array[] = []
  const latest = BigInt(chain.blocks.length)

  const answers: Record<string, (params: Params) => unknown> = {
    status: () => ({
      node_info: { network: chain.chainId },
      sync_info: { latest_block_height: String(latest), earliest_block_height: '1' },
    }),
    commit: params => {
      const { header, commit } = blockAt(params.height)
      return { signed_header: formatSignedHeader({ header, commit }), canonical: true }
    },
    validators: params => {
      const { validators } = blockAt(params.height).validatorSet
      const size = Number(params.per_page)
      const page = validators.slice((Number(params.page) - 1) * size, Number(params.page) * size)
      const [count, total] = [String(page.length), String(validators.length)]
      return { block_height: params.height, validators: page.map(formatValidator), count, total }
    },
    abci_query: params => {
      const key = parseHex(params.data!)
      const { entries, tree, stores } = chain
      const op = (type: string, opKey: Uint8Array, proof: Parameters<typeof commitmentProof.encode>[0]): unknown => ({
        type,
        key: formatBase64(opKey),
        data: formatBase64(commitmentProof.encode(proof)),
      })
      const found = entries.find(entry => equals(entry.key, key))
      const ops = [
        op('ics23:smt', key, tree.answer(entries, key)),
        op('ics23:simple', stores.state.key, exists(stores.state)),
      ]
      const value = found ? formatBase64(found.value) : null
      return { response: { code: 0, log: '', key: formatBase64(key), value, height: params.height, proofOps: { ops } } }
    },
    broadcast_tx_sync: params => {
      submitted.push(parseBase64(params.tx!))
      return { code: 0, data: '', log: '', codespace: '', hash: 'AB'.repeat(32) }
    },
  }

  function blockAt(height: string | undefined): SignedChain['blocks'][number] {
    const block = chain.blocks[Number(height ?? latest) - 1]
    if (block === undefined) throw new Error(`height ${height} must be less than or equal to ${latest}`)
    return block
  }

  return {
    asked,
    submitted,
    async fetch(url, init) {
      init.signal?.throwIfAborted()
      const { name, params } = init.method === 'GET' ? parseGet(url) : parsePost(init)
      asked.push(`${name} ${params.height ?? ''}`.trim())
      try {
        return Response.json({ jsonrpc: '2.0', id: 1, result: answers[name]!(params) })
      } catch (error) {
        const body = { jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'Internal error', data: String(error) } }
        return Response.json(body, { status: 500 })
      }
    },
  }
}

function parsePost(init: RequestInit): { name: string; params: Params } {
  const { method, params } = JSON.parse(String(init.body))
  return { name: method, params }
}

function parseGet(url: string): { name: string; params: Params } {
  const { pathname, searchParams } = new URL(url)
  const params = Object.fromEntries([...searchParams].map(([name, value]) => [name, value.replace(/^"|"$|^0x/g, '')]))
  return { name: pathname.split('/').at(-1)!, params }
}
