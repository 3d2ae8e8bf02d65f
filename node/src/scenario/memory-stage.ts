// A stage in memory: the real kernel over a map. Every transaction has a block of its own, and time passes when told.

import {
  type Crypto,
  encodeArgs,
  encodeUtf8,
  formatHex,
  type JsonObject,
  ResultCode,
  type Timestamp,
} from '@muniment/sdk'
import type { TransactionResult } from '../ledger/application.ts'
import { createKernel } from '../ledger/apply.ts'
import type { BlockContext, View } from '../ledger/kernel.ts'
import type { Write } from '../storage/database.ts'
import type { Stage } from './play.ts'

const chainId = 'test-scenario'
/** 2026-01-01T00:00:00Z. */
const beginning = 1_767_225_600n
const secondsPerBlock = 5n
const blocksToCatchUp = 4
/** The address of the only validator. */
const proposer = new Uint8Array(20).fill(1)

export type MemoryStage = Stage & { readonly values: () => ReadonlyMap<string, Uint8Array> }

export function createMemoryStage(appState: JsonObject, crypto: Crypto): MemoryStage {
  const kernel = createKernel(crypto)
  const genesisHash = crypto.sha256(encodeUtf8(`genesis of ${chainId}`))
  const values = new Map<string, Uint8Array>()
  const view: View = { get: key => values.get(formatHex(key)) }
  const secretOf = (turn: bigint): Uint8Array => crypto.sha256(encodeUtf8(`secret ${turn}`))
  let height = 1n
  let seconds = beginning
  const time = (): Timestamp => ({ seconds, nanos: 0 })
  const block = (): BlockContext => ({ chainId, genesisHash, height, time: time(), proposer })

  function write(writes: readonly Write[]): void {
    for (const { key, value } of writes) {
      if (value) values.set(formatHex(key), value)
      else values.delete(formatHex(key))
    }
  }

  function endBlock(): void {
    height += 1n
    seconds += secondsPerBlock
    beginBlock()
  }

  /** Like an engine of one validator: it takes its turn in every block. */
  function beginBlock(): void {
    const { propose, begin } = kernel.chance!
    write(begin(view, propose(view, block(), secretOf), block()).writes)
    write(kernel.tick(view, block()))
  }

  async function submit(transaction: Uint8Array): Promise<TransactionResult> {
    const [refused] = await kernel.verify([transaction], block(), crypto)
    if (refused) return refused
    const { result, writes } = kernel.apply(view, transaction, block())
    // Like a pool: what would fail stands in no block.
    if (result.code === ResultCode.ok) write(writes)
    endBlock()
    return result
  }

  write(kernel.genesis(encodeArgs(appState), block()))
  beginBlock()
  return {
    hasher: crypto,
    chainId,
    genesisHash,
    now: time,
    height: () => height,
    submit,
    advance: async more => {
      seconds += BigInt(more)
      // A block looks at so many clocks and no more; a chain that stood still needs a few of them.
      for (let blocks = 0; blocks < blocksToCatchUp; blocks++) endBlock()
    },
    read: async keys => keys.map(key => view.get(key)),
    values: () => values,
  }
}
