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

export type MemoryStage = Stage & { readonly values: () => ReadonlyMap<string, Uint8Array> }

export function createMemoryStage(appState: JsonObject, crypto: Crypto): MemoryStage {
  const kernel = createKernel(crypto)
  const genesisHash = crypto.sha256(encodeUtf8(`genesis of ${chainId}`))
  const values = new Map<string, Uint8Array>()
  const view: View = { get: key => values.get(formatHex(key)) }
  let height = 1n
  let seconds = beginning
  const time = (): Timestamp => ({ seconds, nanos: 0 })
  const block = (): BlockContext => ({ chainId, genesisHash, height, time: time() })

  function write(writes: readonly Write[]): void {
    for (const { key, value } of writes) {
      if (value) values.set(formatHex(key), value)
      else values.delete(formatHex(key))
    }
  }

  function endBlock(): void {
    height += 1n
    seconds += secondsPerBlock
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
