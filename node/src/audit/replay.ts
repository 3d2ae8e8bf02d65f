// `muniment audit --replay`: security rule 1. A header shows who signed, not that the rules were kept: more than two thirds can sign any state. So
// every block is worked out anew from the genesis file, and what comes out is compared with what was signed.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Block,
  type Crypto,
  createNodeProvider,
  encodeUtf8,
  equals,
  formatHeader,
  formatHex,
  genesisFileHash,
  type Header,
  type Json,
  type SignedCheckpoint,
  type Timestamp,
  type TrustedBlock,
  type TrustRoot,
  VerifyError,
  validatorsHash,
} from '@muniment/sdk'
import { type Genesis, parseGenesis } from '../engine/genesis.ts'
import { finalizeRequest, initChainRequest, lastResultsHash } from '../engine/requests.ts'
import { createFollowingClient } from '../following-client.ts'
import { nodeHasher } from '../hasher.ts'
import { HomeError } from '../home-error.ts'
import { askRpc } from '../http.ts'
import type { Application } from '../ledger/application.ts'
import { createKernel } from '../ledger/apply.ts'
import { createLedgerApplication } from '../ledger/ledger-application.ts'
import { plainAnswerBytesMax, witnessTimeoutMs } from '../limits.ts'
import { openDatabase } from '../storage/database.ts'
import { readBlock, readBlockHashes } from './blocks.ts'
import type { Contradiction } from './evidence.ts'

export type ReplayOptions = {
  readonly root: TrustRoot
  /** Address of a node's RPC. */
  readonly node: string
  /** Where trust begins on a chain that is older than the trusting period. */
  readonly checkpoint?: SignedCheckpoint | undefined
  /** Keeps the state there, so that the next replay goes on from it; without it a folder that is removed. */
  readonly folder?: string | undefined
  readonly crypto: Crypto
  readonly now: () => Timestamp
  readonly onProgress?: (height: bigint, head: bigint) => void
  readonly signal?: AbortSignal
}

export type Replay =
  | {
      readonly kind: 'follows'
      /** Its header was verified, each block before it by its hash; it commits to the state after the one before it. */
      readonly head: TrustedBlock
      /** Worked out this time, and before: all that the folder held. */
      readonly blocks: bigint
      readonly transactions: bigint
    }
  | ({ readonly kind: 'contradicts' } & Contradiction)

/** Throws VerifyError where the node does not answer or its newest block can't be verified, HomeError for a folder of another chain. */
export async function replayChain(options: ReplayOptions): Promise<Replay> {
  const { node, folder, crypto } = options
  const place = folder ?? mkdtempSync(join(tmpdir(), 'muniment-replay-'))
  const database = await openDatabase(place)
  try {
    const light = await createFollowingClient({
      ...options,
      nodes: [node],
      providers: [createNodeProvider(node)],
    })
    const { block: head } = await light.verifyAtHeight('latest')
    const hashes = await readBlockHashes(head, { root: options.root, node, crypto })
    if ('evidence' in hashes) return { kind: 'contradicts', ...hashes }
    const application = await createLedgerApplication(database, createKernel(nodeHasher), { crypto })
    const genesis = await readGenesis(options)
    await application.initChain(initChainRequest(genesis))
    const hashOf = (height: bigint): Uint8Array => hashes.subarray(Number(height) * 32, Number(height) * 32 + 32)
    const blockAt = (height: bigint): Promise<Block> => readBlock({ node, crypto }, { height, hash: hashOf(height) })
    return await workOut({ options, application, genesis, head, hashOf, blockAt })
  } finally {
    await database.close()
    if (folder === undefined) rmSync(place, { recursive: true, force: true })
  }
}

async function readGenesis({ node, root }: ReplayOptions): Promise<Genesis> {
  const { genesis } = await askRpc(node, 'genesis', { bytesMax: plainAnswerBytesMax, timeoutMs: witnessTimeoutMs })
  if (!equals(genesisFileHash(genesis as Json, nodeHasher), root.genesisHash))
    throw new VerifyError('wrong-chain', 'the node has another genesis file than the trust root')
  return parseGenesis(encodeUtf8(JSON.stringify(genesis)))
}

type Chain = {
  readonly options: ReplayOptions
  readonly application: Application
  readonly genesis: Genesis
  readonly head: TrustedBlock
  readonly hashOf: (height: bigint) => Uint8Array
  readonly blockAt: (height: bigint) => Promise<Block>
}

/** Block by block, each compared with the header of the next. */
async function workOut(chain: Chain): Promise<Replay> {
  const { options, application, genesis, head, hashOf, blockAt } = chain
  const { height: done, appHash } = application.info()
  const first = done + 1n
  if (first > head.header.height) throw new HomeError('home-other-chain', 'The folder has come further than the node.')
  let [blocks, transactions] = [0n, 0n]
  let block = await blockAt(first)
  const begins = compareFirst(block.header, { genesis, appHash })
  if (begins) return begins
  for (let height = first; height < head.header.height; height++) {
    options.signal?.throwIfAborted()
    const next = await blockAt(height + 1n)
    const answer = await application.finalizeBlock(finalizeRequest(block, hashOf(height)))
    const found: Found = { appHash: answer.appHash, resultsHash: lastResultsHash(answer), height }
    const contradiction = compareNext({ header: block.header, next: next.header }, found)
    if (contradiction) return contradiction
    await application.commit([])
    blocks += 1n
    transactions += BigInt(block.txs.length)
    options.onProgress?.(height, head.header.height)
    block = next
  }
  return { kind: 'follows', head, blocks, transactions }
}

type Found = { readonly appHash: Uint8Array; readonly resultsHash: Uint8Array; readonly height: bigint }

/** The block that is worked out first: in the genesis file, or in the state that the folder keeps, lies what it begins with. */
function compareFirst(
  header: Header,
  { genesis, appHash }: { readonly genesis: Genesis; readonly appHash: Uint8Array },
): Replay | undefined {
  const isState = equals(header.appHash, appHash)
  const isSet = header.height > 1n || equals(header.validatorsHash, validatorsHash(genesis.validators, nodeHasher))
  if (isState && isSet) return undefined
  const begins = `begins with ${isState ? 'other validators' : 'another state'} than`
  const what = header.height === 1n ? 'the genesis file says' : 'the blocks before it gave'
  return {
    kind: 'contradicts',
    sentence: `Block ${header.height} ${begins} ${what}.`,
    evidence: { kind: 'beginning', block: formatHeader(header) as Json, appHash: formatHex(appHash) },
  }
}

function compareNext(
  { header, next }: { readonly header: Header; readonly next: Header },
  { appHash, resultsHash, height }: Found,
): Replay | undefined {
  const isState = equals(next.appHash, appHash)
  const isResults = equals(next.lastResultsHash, resultsHash)
  // No rule of this version changes the validators.
  if (isState && isResults && equals(next.nextValidatorsHash, header.nextValidatorsHash)) return undefined
  const what = isState ? (isResults ? 'validators' : 'results') : 'state'
  return {
    kind: 'contradicts',
    sentence: `Block ${height + 1n} is signed, and its ${what} do${what === 'state' ? 'es' : ''} not follow from block ${height} by the rules.`,
    evidence: {
      kind: 'rules',
      height: String(height),
      before: formatHeader(header) as Json,
      signed: formatHeader(next) as Json,
      appHash: formatHex(appHash),
      resultsHash: formatHex(resultsHash),
    },
  }
}
