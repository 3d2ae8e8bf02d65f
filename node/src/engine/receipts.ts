// Promises that a transaction will stand in a block, signed by the validator that took it. Nothing is kept: whoever was promised holds the
// receipt, and what the pool has not taken is not promised.

import {
  decodeTransaction,
  encodeReceipt,
  type InclusionReceipt,
  limits,
  ResultCode,
  receiptSignBytes,
  transactionId,
} from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import type { TransactionResult } from '../ledger/application.ts'
import type { LedgerApplication } from '../ledger/ledger-application.ts'
import type { Engine } from './engine.ts'
import type { ValidatorKey } from './validator-key.ts'

export type PromisedResult = {
  readonly result: TransactionResult
  /** A receipt as bytes; undefined where nothing is promised, and the result's log says why. */
  readonly receipt: Uint8Array | undefined
}

export type Promises = (transaction: Uint8Array) => Promise<PromisedResult>

/** Takes a transaction as the engine does, and signs with the validator's key that it will stand in a block. */
export function createPromises(given: {
  readonly engine: Engine
  readonly application: LedgerApplication
  readonly signer: ValidatorKey
}): Promises {
  const { engine, application, signer } = given
  return async transaction => {
    const result = await engine.submit(transaction)
    if (result.code !== ResultCode.ok) return { result, receipt: undefined }
    const without = (log: string): PromisedResult => ({ result: { ...result, log }, receipt: undefined })
    const { stalled } = engine.status()
    if (stalled !== undefined) return without(`taken without a promise: ${stalled}`)
    const standing = application.standing(transaction)
    if (!standing)
      return without('taken without a promise: it stands in a block already, or follows from what waits for one')
    const { height, blockId, time } = engine.newest()
    const { transaction: decoded } = decodeTransaction(transaction)
    const promise: Omit<InclusionReceipt, 'signature'> = {
      validator: signer.publicKey.bytes,
      transactionId: transactionId(nodeHasher, decoded.body),
      transactionHash: nodeHasher.sha256(transaction),
      height,
      headHash: blockId.hash,
      byHeight: height + BigInt(limits.receiptBlocks),
      byTime: time.seconds + BigInt(limits.receiptSeconds),
      caseVersion: standing.caseVersion,
    }
    const signature = signer.sign(receiptSignBytes(standing.chain.genesisHash, promise))
    return { result, receipt: encodeReceipt({ ...promise, signature }) }
  }
}
