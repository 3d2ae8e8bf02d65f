// What the application is told of a genesis and of a decided block, and what the next header says of its answer: for the engine that makes it, a start that catches up, and
// an auditor who works everything out anew.

import { type Block, misbehaviorOf, resultsHash } from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import type { FinalizeAnswer, FinalizeRequest, InitChainRequest } from '../ledger/application.ts'
import type { Genesis } from './genesis.ts'

export function initChainRequest(genesis: Genesis): InitChainRequest {
  return {
    chainId: genesis.chainId,
    time: genesis.time,
    initialHeight: 1n,
    blockBytesMax: genesis.blockBytesMax,
    blockGasMax: genesis.blockGasMax,
    validators: genesis.validators.validators.map(({ publicKey, votingPower }) => ({
      publicKey: publicKey.bytes,
      power: votingPower,
    })),
    appState: genesis.appState,
  }
}

/** `hash` is the block's own. */
export function finalizeRequest({ header, txs, evidence }: Block, hash: Uint8Array): FinalizeRequest {
  return {
    hash,
    height: header.height,
    time: header.time,
    transactions: txs,
    proposerAddress: header.proposerAddress,
    misbehavior: evidence.flatMap(misbehaviorOf),
  }
}

/** No transaction is paid for by gas here. */
export function lastResultsHash({ results }: Pick<FinalizeAnswer, 'results'>): Uint8Array {
  return resultsHash(
    results.map(({ code, data }) => ({ code, data, gasWanted: 0n, gasUsed: 0n })),
    nodeHasher,
  )
}
