// A thin seam over an ordered key-value store. One call of `write` is one atomic, durable batch: when its promise is
// fulfilled the bytes are on the disk (fsync), and after a crash the batch is there as a whole or not at all.

import { mkdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { HomeError, systemError } from '../home-error.ts'

/** Sets a key, or deletes it where the value is undefined. */
export type Write = { readonly key: Uint8Array; readonly value: Uint8Array | undefined }

export type Entry = { readonly key: Uint8Array; readonly value: Uint8Array }

export type Range = {
  /** Included. */
  readonly from: Uint8Array
  /** Not included. */
  readonly to: Uint8Array
  readonly order?: 'ascending' | 'descending'
  readonly countMax: number
}

export type Database = {
  readonly get: (key: Uint8Array) => Uint8Array | undefined
  /** The values of many keys in their order, which costs far less for each, and leaves this thread free meanwhile. */
  readonly getMany: (keys: readonly Uint8Array[]) => Promise<readonly (Uint8Array | undefined)[]>
  readonly entries: (range: Range) => Promise<readonly Entry[]>
  /**
   * One atomic, durable batch. Rejects with a HomeError. After a failure every later write is refused: LevelDB may have
   * left a torn record behind, and whatever came after it in the log would be lost at the next start.
   */
  readonly write: (writes: readonly Write[]) => Promise<void>
  readonly close: () => Promise<void>
}

export type DatabaseOptions = {
  /** Told after each batch that was synced to the disk: the number of batches so far, from 1. */
  readonly onSync?: (batches: number) => void
  /** LevelDB's cache of uncompressed blocks. */
  readonly cacheBytes?: number
}

/** A block under load is 6 MB. LevelDB's own 4 MB would make a file of each, and the next block wait for that. */
const writeBufferSize = 16 * 1024 * 1024
/** LevelDB keeps a thousand files open: with its own 2 MB, every read of a store beyond 2 GB would open another. */
const maxFileSize = 16 * 1024 * 1024

/**
 * Opens the store in a folder, which is made if it isn't there. Throws HomeError: home-locked, permission, disk-full,
 * home-corrupt.
 */
export async function openDatabase(folder: string, options: DatabaseOptions = {}): Promise<Database> {
  const level = new ClassicLevel<Uint8Array, Uint8Array>(folder, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    cacheSize: options.cacheBytes ?? 32 * 1024 * 1024,
    writeBufferSize,
    maxFileSize,
  })
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await level.open()
  } catch (error) {
    throw storeError(error, folder)
  }
  return overLevel(level, folder, options.onSync ?? (() => {}))
}

function overLevel(
  level: ClassicLevel<Uint8Array, Uint8Array>,
  folder: string,
  onSync: (batches: number) => void,
): Database {
  let batches = 0
  let failure: HomeError | undefined

  function get(key: Uint8Array): Uint8Array | undefined {
    try {
      const value = level.getSync(key)
      return value === undefined ? undefined : plain(value)
    } catch (error) {
      throw storeError(error, folder)
    }
  }

  async function getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    try {
      const values = await level.getMany([...keys])
      return values.map(value => value && plain(value))
    } catch (error) {
      throw storeError(error, folder)
    }
  }

  async function entries(range: Range): Promise<readonly Entry[]> {
    const reverse = range.order === 'descending'
    try {
      const found = await level.iterator({ gte: range.from, lt: range.to, reverse, limit: range.countMax }).all()
      return found.map(([key, value]) => ({ key: plain(key), value: plain(value) }))
    } catch (error) {
      throw storeError(error, folder)
    }
  }

  async function write(writes: readonly Write[]): Promise<void> {
    if (failure) throw failure
    try {
      // A chained batch makes no object for each write, which is half of what an array costs this thread.
      const batch = level.batch()
      for (const { key, value } of writes) {
        if (value === undefined) batch.del(key)
        else batch.put(key, value)
      }
      await batch.write({ sync: true })
    } catch (error) {
      failure ??= storeError(error, folder)
      throw failure
    }
    batches += 1
    onSync(batches)
  }

  return { get, getMany, entries, write, close: () => level.close() }
}

function storeError(error: unknown, folder: string): HomeError {
  const known = systemError(error, folder)
  if (known) return known
  return new HomeError('home-corrupt', `The store in ${folder} can't be used: ${firstLine(error)}.`, error)
}

function firstLine(error: unknown): string {
  const deepest = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return (deepest instanceof Error ? deepest.message : String(deepest)).split('\n')[0]!.replace(/\.$/, '')
}

/** Node's Buffer is a Uint8Array with other manners (slice shares memory); nothing above this file sees one. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}
