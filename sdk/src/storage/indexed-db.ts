// Light blocks in IndexedDB, as protobuf bytes. Any script of the origin can write here, so what cannot be read, or says
// another height or chain than its key, counts as missing; what can be read is verified again by the light client.

import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { type LightBlock, lightBlock } from '../comet/light-block.ts'
import { VerifyError } from '../errors.ts'
import { storedLightBlocksMax } from '../limits.ts'
import type { Store } from '../store.ts'

/** Chain id, and the height in twenty digits so that keys sort as numbers do. */
type Key = [chainId: string, height: string]

type Schema = DBSchema & { readonly lightBlocks: { readonly key: Key; readonly value: Uint8Array } }

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
    const database: IDBPDatabase<Schema> = await openDB<Schema>(name, 1, {
      upgrade: created => void created.createObjectStore('lightBlocks'),
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
  try {
    const block = lightBlock.decode(value)
    const asNamed = block.header.chainId === chainId && block.header.height === BigInt(height)
    return asNamed ? block : undefined
  } catch (error) {
    if (error instanceof VerifyError || error instanceof SyntaxError) return undefined
    throw error
  }
}
