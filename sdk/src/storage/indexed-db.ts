// Light blocks in IndexedDB, as protobuf bytes. Any script of the origin can write here, so what cannot be read, or says
// another height or chain than its key, counts as missing; what can be read is verified again by the light client.

import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { type LightBlock, lightBlock } from '../comet/light-block.ts'
import { VerifyError } from '../errors.ts'
import { signedCheckpointBytesMax, storedEvidenceMax, storedLightBlocksMax } from '../limits.ts'
import type { Store, StoredEvidence } from '../store.ts'
import { withEvidence } from './memory.ts'
import { storedEvidence } from './stored-evidence.ts'

/** Chain id, and the height in twenty digits so that keys sort as numbers do. */
type Key = [chainId: string, height: string]

type Schema = DBSchema & {
  readonly lightBlocks: { readonly key: Key; readonly value: Uint8Array }
  /** Chain id and the evidence's id. */
  readonly evidence: { readonly key: Key; readonly value: Uint8Array }
  readonly checkpoints: { readonly key: string; readonly value: Uint8Array }
}

/** Rejects with VerifyError `unavailable` where the host has no IndexedDB or forbids it. */
export async function openIndexedDbStore(name = 'muniment'): Promise<Store> {
  const database = await openDatabase(name)

  async function readNewest(range: IDBKeyRange): Promise<LightBlock | undefined> {
    let cursor = await database.transaction('lightBlocks').store.openCursor(range, 'prev')
    for (let read = 0; cursor && read < storedLightBlocksMax; read++) {
      const block = readBlock(cursor.key, cursor.value)
      if (block) return block
      cursor = await cursor.continue()
    }
    return undefined
  }

  return {
    async put(chainId, block) {
      const transaction = database.transaction('lightBlocks', 'readwrite')
      await transaction.store.put(lightBlock.encode(block), keyOf(chainId, block.header.height))
      if ((await transaction.store.count(rangeOf(chainId))) > storedLightBlocksMax) {
        const [, secondOldest] = await transaction.store.getAllKeys(rangeOf(chainId), 2)
        if (secondOldest) await transaction.store.delete(secondOldest)
      }
      await transaction.done
    },
    newest: (chainId, heightMax) => readNewest(rangeOf(chainId, heightMax)),
    async get(chainId, height) {
      const key = keyOf(chainId, height)
      return readBlock(key, await database.get('lightBlocks', key))
    },
    async putEvidence(chainId, stored) {
      const transaction = database.transaction('evidence', 'readwrite')
      const kept = await readEvidence(chainId, transaction.store)
      if (withEvidence(kept, stored).some(({ id }) => id === stored.id))
        await transaction.store.put(storedEvidence.encode(stored), [chainId, stored.id])
      await transaction.done
    },
    evidence: chainId => readEvidence(chainId, database.transaction('evidence').store),
    async putCheckpoint(chainId, signed) {
      await database.put('checkpoints', signed, chainId)
    },
    async checkpoint(chainId) {
      const signed: unknown = await database.get('checkpoints', chainId)
      return signed instanceof Uint8Array && signed.length <= signedCheckpointBytesMax ? signed : undefined
    },
    async clear(chainId) {
      await database.delete('lightBlocks', rangeOf(chainId))
    },
    async close() {
      database.close()
    },
  }
}

async function openDatabase(name: string): Promise<IDBPDatabase<Schema>> {
  try {
    const database: IDBPDatabase<Schema> = await openDB<Schema>(name, 2, {
      upgrade(created, before) {
        if (before < 1) created.createObjectStore('lightBlocks')
        created.createObjectStore('evidence')
        created.createObjectStore('checkpoints')
      },
      // Another tab wants a newer version: to give way is better than to block it.
      blocking: () => database?.close(),
    })
    return database
  } catch (error) {
    throw new VerifyError('unavailable', 'this browser keeps no data for this page', { actual: error })
  }
}

function keyOf(chainId: string, height: bigint): Key {
  return [chainId, height.toString().padStart(20, '0')]
}

function rangeOf(chainId: string, heightMax?: bigint): IDBKeyRange {
  // A colon sorts after every digit.
  return IDBKeyRange.bound([chainId, ''], heightMax === undefined ? [chainId, ':'] : keyOf(chainId, heightMax))
}

function readBlock([chainId, height]: Key, value: unknown): LightBlock | undefined {
  if (!(value instanceof Uint8Array)) return undefined
  const block = readable(() => lightBlock.decode(value))
  const asNamed = readable(() => block?.header.chainId === chainId && block.header.height === BigInt(height))
  return asNamed ? block : undefined
}

/** Undefined where what was stored can't be read. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof VerifyError || error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

type EvidenceStore = { readonly openCursor: (range: IDBKeyRange) => Promise<EvidenceCursor | null> }
type EvidenceCursor = {
  readonly key: Key
  readonly value: unknown
  readonly continue: () => Promise<EvidenceCursor | null>
}

async function readEvidence(chainId: string, store: EvidenceStore): Promise<readonly StoredEvidence[]> {
  const found: StoredEvidence[] = []
  let cursor = await store.openCursor(IDBKeyRange.bound([chainId, ''], [chainId, '~']))
  for (let read = 0; cursor && read < storedEvidenceMax; read++) {
    const stored = readable(() => storedEvidence.decode(cursor!.value as Uint8Array))
    if (stored) found.push({ ...stored, id: cursor.key[1] })
    cursor = await cursor.continue()
  }
  return found
}
