// Transactions that were promised a place in a block, kept in the store until they stand in one or the promise is over: what a node that
// crashed had promised, it takes up again.

import { limits, type Message, protobuf, ResultCode } from '@muniment/sdk'
import { sha256 } from '../hasher.ts'
import { poolTransactionsMax } from '../limits.ts'
import type { Database, Write } from '../storage/database.ts'
import { key, keySpace } from '../storage/keys.ts'
import { transactionName } from '../transaction-name.ts'
import type { DecidedBlock } from './chain-store.ts'
import type { Engine } from './engine.ts'

type KeptPromise = {
  readonly transaction: Uint8Array
  readonly byHeight: bigint
  /** Seconds. */
  readonly byTime: bigint
}

export type KeptPromises = {
  /** Resolves when it is on the disk; false where too many are open. Rejects with HomeError. */
  readonly keep: (promise: KeptPromise) => Promise<boolean>
}

const keptPromise: Message<KeptPromise> = protobuf.message({
  transaction: protobuf.bytes(1, limits.transactionBytesMax),
  byHeight: protobuf.uint64(2),
  byTime: protobuf.int64(3),
})

const pageSize = 256
/** So many that ended are removed at once; until then they cost nothing, and after a crash they are seen to have ended. */
const removedMax = 256

/** Hands in again what is still open. Rejects with HomeError. */
export async function openKeptPromises(database: Database, engine: Engine): Promise<KeptPromises> {
  const open = new Map<string, KeptPromise>()
  let waiting: Write[] = []
  let last: Promise<void> = Promise.resolve()

  /** All that asked while one batch was written go into the next. */
  function flush(): Promise<void> {
    const mine = last.then(async () => {
      const batch = waiting
      waiting = []
      if (batch.length > 0) await database.write(batch)
    })
    last = mine.catch(() => {})
    return mine
  }

  function remove(promise: KeptPromise): void {
    open.delete(transactionName(promise.transaction))
    waiting.push({ key: keyOf(promise.transaction), value: undefined })
  }

  engine.subscribe(({ block }: DecidedBlock) => {
    for (const transaction of block.txs) {
      const promise = open.get(transactionName(transaction))
      if (promise) remove(promise)
    }
    const { height, time } = block.header
    for (const promise of open.values()) {
      if (promise.byHeight >= height || promise.byTime >= time.seconds) break
      remove(promise)
    }
    // Where the store fails, the engine stops, and says why.
    if (waiting.length > removedMax) flush().catch(() => {})
  })

  for (const promise of await readAll(database)) {
    const { height, time } = engine.newest()
    const isOver = promise.byHeight < height && promise.byTime < time.seconds
    const result = isOver ? undefined : await engine.submit(promise.transaction)
    if (result?.code === ResultCode.ok) open.set(transactionName(promise.transaction), promise)
    else remove(promise)
  }
  await flush()

  return {
    async keep(promise) {
      const name = transactionName(promise.transaction)
      if (!open.has(name) && open.size >= poolTransactionsMax) return false
      open.set(name, promise)
      waiting.push({ key: keyOf(promise.transaction), value: keptPromise.encode(promise) })
      await flush()
      return true
    },
  }
}

function keyOf(transaction: Uint8Array): Uint8Array {
  return key(keySpace.promise, sha256(transaction))
}

/** The first to end first. */
async function readAll(database: Database): Promise<readonly KeptPromise[]> {
  const found: KeptPromise[] = []
  const to = Uint8Array.of(keySpace.promise + 1)
  for (let from = key(keySpace.promise); ; ) {
    const page = await database.entries({ from, to, countMax: pageSize })
    found.push(...page.map(({ value }) => keptPromise.decode(value)))
    if (page.length < pageSize) break
    from = Uint8Array.from([...page.at(-1)!.key, 0])
  }
  return found.sort((left, right) => Number(left.byHeight - right.byHeight))
}
