// Promises that a transaction will stand in a block, signed by the validator that took it. Whoever was promised holds the receipt; what was
// promised is on the disk before that is given, so that no crash breaks it.

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
import type { Database } from '../storage/database.ts'
import type { Engine } from './engine.ts'
import { openKeptPromises } from './kept-promises.ts'
import type { ValidatorKey } from './validator-key.ts'

export type PromisedResult = {
  readonly result: TransactionResult
  /** A receipt as bytes; undefined where nothing is promised, and the result's log says why. */
  readonly receipt: Uint8Array | undefined
}

export type Promises = (transaction: Uint8Array) => Promise<PromisedResult>

/**
 * Takes a transaction as the engine does, and signs with the validator's key that it will stand in a block. What was promised before this
 * process began is handed in again first. Rejects with HomeError where the store fails.
 */
export async function createPromises(given: {
  readonly database: Database
  readonly engine: Engine
  readonly application: LedgerApplication
  readonly signer: ValidatorKey
}): Promise<Promises> {
  const { database, engine, application, signer } = given
  const kept = await openKeptPromises(database, engine)
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
    if (!(await kept.keep({ transaction, byHeight: promise.byHeight, byTime: promise.byTime })))
      return without('taken without a promise: too many are open; try again later')
    const signature = signer.sign(receiptSignBytes(standing.chain.genesisHash, promise))
    return { result, receipt: encodeReceipt({ ...promise, signature }) }
  }
}
