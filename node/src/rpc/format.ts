// CometBFT's JSON for what the sdk does not parse: status, results, block metas, proofs. 64-bit numbers are strings,
// hashes upper-case hexadecimal, bytes base64, empty bytes null (light-client page, 2.6).

import {
  type CommitmentProof,
  commitmentProof,
  encodeUtf8,
  formatBase64,
  formatBlockId,
  formatHeader,
  formatHex,
  formatPublicKey,
  formatTime,
  merkleInnerHash,
  merkleLeafHash,
  merkleRoot,
  storeNames,
  type Timestamp,
  zeroTime,
} from '@muniment/sdk'
import { isManualChain } from '../clock.ts'
import type { StoredBlock, StoredResults } from '../engine/chain-store.ts'
import type { Engine } from '../engine/engine.ts'
import { nodeHasher, sha256 } from '../hasher.ts'
import type { LedgerEvent, QueryAnswer, TransactionResult } from '../ledger/application.ts'

export type Shape = { readonly [name: string]: unknown }

export function upperHex(bytes: Uint8Array): string {
  return formatHex(bytes).toUpperCase()
}

function base64OrNull(bytes: Uint8Array): string | null {
  return bytes.length === 0 ? null : formatBase64(bytes)
}

/** Goes into `node_info`, so that nobody takes one signature for an agreement (chain page, 6). */
function engineWords(signerCount: number): string {
  return signerCount === 1 ? 'embedded, 1 signer' : `embedded, ${signerCount} signers in one process`
}

export function formatStatus(engine: Engine, rpcAddress: string): Shape {
  const { chainId, appVersion, validators } = engine.newest()
  const member = validators.validators.find(each => upperHex(each.address) === upperHex(engine.signerAddress))
  const words = engineWords(engine.signerCount)
  return {
    node_info: {
      protocol_version: { p2p: '8', block: '11', app: String(appVersion) },
      id: formatHex(engine.signerAddress),
      listen_addr: '',
      network: chainId,
      version: '0.40.0',
      channels: '',
      moniker: words,
      other: {
        tx_index: 'on',
        // Searches find nothing below: blocks of a version without an index.
        tx_index_from: String(engine.chain.indexedFrom() ?? 1n),
        rpc_address: rpcAddress,
        engine: `${words}, no Byzantine agreement`,
        ...(isManualChain(engine.genesis.json) ? { clock: 'manual: its operator tells the time' } : {}),
      },
    },
    sync_info: formatSync(engine),
    validator_info: {
      address: upperHex(engine.signerAddress),
      pub_key: member ? formatPublicKey(member.publicKey) : null,
      voting_power: String(member?.votingPower ?? 0n),
    },
  }
}

function formatSync(engine: Engine): Shape {
  const { height } = engine.newest()
  const [latest, earliest] = [engine.chain.block(height), engine.chain.block(1n)]
  const end = (name: string, stored: StoredBlock | undefined): Shape => ({
    [`${name}_block_hash`]: stored ? upperHex(stored.blockId.hash) : '',
    [`${name}_app_hash`]: stored ? upperHex(stored.block.header.appHash) : '',
    [`${name}_block_height`]: String(stored?.block.header.height ?? 0n),
    [`${name}_block_time`]: formatTime(stored?.block.header.time ?? (zeroTime as Timestamp)),
  })
  return { ...end('latest', latest), ...end('earliest', earliest), catching_up: false }
}

export function formatBlockMeta({ block, blockId, size }: StoredBlock): Shape {
  return {
    block_id: formatBlockId(blockId),
    block_size: String(size),
    header: formatHeader(block.header),
    num_txs: String(block.txs.length),
  }
}

/** abci.Event, with its attributes as texts (CometBFT since v0.37). */
function formatEvent({ type, attributes }: LedgerEvent): Shape {
  return { type, attributes: attributes.map(({ key, value, index }) => ({ key, value, index })) }
}

function formatTransactionResult({ code, data, log, events = [] }: TransactionResult): Shape {
  return {
    code,
    data: base64OrNull(data),
    log,
    info: '',
    gas_wanted: '0',
    gas_used: '0',
    events: events.map(formatEvent),
    codespace: '',
  }
}

export function formatBlockResults(
  height: bigint,
  { results, validatorUpdates, appHash, events = [] }: StoredResults,
): Shape {
  const updates = validatorUpdates.map(({ publicKey, power }) => ({
    pub_key: { Sum: { type: 'tendermint.crypto.PublicKey_Ed25519', value: { ed25519: formatBase64(publicKey) } } },
    power: String(power),
  }))
  return {
    height: String(height),
    txs_results: results.length === 0 ? null : results.map(formatTransactionResult),
    finalize_block_events: events.length === 0 ? null : events.map(formatEvent),
    validator_updates: updates.length === 0 ? null : updates,
    consensus_param_updates: null,
    app_hash: formatBase64(appHash),
  }
}

/** TxProof: the transaction at `index` under the block's data hash. */
function formatTransactionProof(txs: readonly Uint8Array[], index: number): Shape {
  const leaves = txs.map(tx => sha256(tx))
  return {
    root_hash: upperHex(merkleRoot(leaves, nodeHasher)),
    data: formatBase64(txs[index]!),
    proof: {
      total: String(leaves.length),
      index: String(index),
      leaf_hash: formatBase64(merkleLeafHash(leaves[index]!, nodeHasher)),
      aunts: aunts(leaves, index).map(formatBase64),
    },
  }
}

/** ResultTx. */
export function formatTransaction(
  txs: readonly Uint8Array[],
  { height, index }: { readonly height: bigint; readonly index: number },
  { result, isProved }: { readonly result: TransactionResult; readonly isProved: boolean },
): Shape {
  const transaction = txs[index]!
  return {
    hash: upperHex(sha256(transaction)),
    height: String(height),
    index,
    tx_result: formatTransactionResult(result),
    tx: formatBase64(transaction),
    ...(isProved ? { proof: formatTransactionProof(txs, index) } : {}),
  }
}

/** Siblings on the way from a leaf up to the root of RFC 6962. */
function aunts(leaves: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  let level = leaves.map(leaf => merkleLeafHash(leaf, nodeHasher))
  let at = index
  const found: Uint8Array[] = []
  while (level.length > 1) {
    const sibling = level[at % 2 === 0 ? at + 1 : at - 1]
    // The odd last one of a level has no sibling there: it goes up as it is.
    if (sibling) found.push(sibling)
    const next: Uint8Array[] = []
    for (let i = 0; i < level.length; i += 2) {
      next.push(i + 1 < level.length ? merkleInnerHash(level[i]!, level[i + 1]!, nodeHasher) : level[i]!)
    }
    level = next
    at >>= 1
  }
  return found
}

export function formatQuery(answer: QueryAnswer): Shape {
  return {
    response: {
      code: answer.code,
      log: answer.log,
      info: '',
      index: '0',
      key: base64OrNull(answer.key),
      value: base64OrNull(answer.value),
      proofOps: answer.proof ? formatProofOps(answer.key, answer.proof) : null,
      height: String(answer.height),
      codespace: '',
    },
  }
}

function formatProofOps(key: Uint8Array, proof: NonNullable<QueryAnswer['proof']>): Shape {
  const op = (type: string, opKey: Uint8Array, content: CommitmentProof): Shape => ({
    type,
    key: formatBase64(opKey),
    data: formatBase64(commitmentProof.encode(content)),
  })
  const store = { exist: proof.store, nonexist: undefined }
  return {
    ops: [op('ics23:smt', key, proof.state), op('ics23:simple', encodeUtf8(storeNames.state), store)],
  }
}
