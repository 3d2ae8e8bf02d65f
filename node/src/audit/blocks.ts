// The blocks of a chain as a node serves them, each bound to the one behind it that names it, up to a head that was verified.

import {
  type Block,
  type Crypto,
  check,
  equals,
  type Header,
  headerHash,
  type Json,
  limits,
  parseBlock,
  parseHeader,
  requireContents,
  type TrustedBlock,
  type TrustRoot,
  VerifyError,
} from '@muniment/sdk'
import { askRpc } from '../http.ts'
import {
  auditBlocksMax,
  auditPauseMs,
  auditPausesMax,
  blockAnswerBytesMax,
  plainAnswerBytesMax,
  rpcBlockMetasMax,
} from '../limits.ts'
import { type Contradiction, describeLink } from './evidence.ts'

type Asked = {
  readonly root: TrustRoot
  readonly node: string
  readonly crypto: Crypto
  readonly onProgress?: (compared: bigint, total: bigint) => void
}

/**
 * Hashes of the blocks as they name each other, from the head down to block 1; 32 bytes at 32 times the height, and the genesis hash at 0.
 * Throws VerifyError where the node leaves out blocks, does not answer, or the chain is too long.
 */
export async function readBlockHashes(
  head: TrustedBlock,
  { root, node, crypto, onProgress }: Asked,
): Promise<Uint8Array | Contradiction> {
  const { height } = head.header
  check(height <= BigInt(auditBlocksMax), 'oversized', 'the chain is too long', { expected: auditBlocksMax })
  const hashes = new Uint8Array(32 * (Number(height) + 1))
  hashes.set(root.genesisHash)
  hashes.set(headerHash(head.header, crypto), Number(height) * 32)
  let above: Header = head.header
  while (above.height > 1n) {
    for (const header of await readHeaders(node, above.height - 1n)) {
      check(header.height === above.height - 1n, 'wrong-height', 'the node leaves out blocks')
      const hash = headerHash(header, crypto)
      if (!equals(hash, above.lastBlockId.hash)) return describeLink(head, { above, header, hash })
      hashes.set(hash, Number(header.height) * 32)
      above = header
    }
    onProgress?.(height - above.height, height - 1n)
  }
  return hashes
}

/** The block with that hash, and all that its header commits to. Throws VerifyError. */
export async function readBlock(
  { node, crypto }: Pick<Asked, 'node' | 'crypto'>,
  { height, hash }: { readonly height: bigint; readonly hash: Uint8Array },
): Promise<Block> {
  const question = { bytesMax: blockAnswerBytesMax, timeoutMs: limits.requestTimeoutMs }
  const { block: json } = await unhurried(() => askRpc(node, `block?height=${height}`, question))
  const block = parseBlock(json)
  check(equals(headerHash(block.header, crypto), hash), 'wrong-hash', 'the block is another one')
  requireContents(block, crypto)
  return block
}

/** At most twenty headers, the highest first (CometBFT's `blockchain`). */
async function readHeaders(node: string, to: bigint): Promise<readonly Header[]> {
  const from = to >= BigInt(rpcBlockMetasMax) ? to - BigInt(rpcBlockMetasMax) + 1n : 1n
  const question = { bytesMax: plainAnswerBytesMax, timeoutMs: limits.requestTimeoutMs }
  const { block_metas: metas } = await unhurried(() =>
    askRpc(node, `blockchain?minHeight=${from}&maxHeight=${to}`, question),
  )
  const isPage = Array.isArray(metas) && metas.length > 0 && metas.length <= rpcBlockMetasMax
  check(isPage, 'malformed', 'the node answers no page of blocks')
  return metas.map((meta: { readonly header?: Json } | null) => parseHeader(meta?.header))
}

/** A long chain takes more questions than a node answers at once. */
async function unhurried<T>(question: () => Promise<T>): Promise<T> {
  for (let pauses = 0; ; pauses++) {
    try {
      return await question()
    } catch (error) {
      const mayPass = error instanceof VerifyError && error.code === 'limited' && pauses < auditPausesMax
      if (!mayPass) throw error
      await new Promise(resolve => setTimeout(resolve, auditPauseMs))
    }
  }
}
