// The same seam in memory, for tests: sorted, atomic, and with faults that can be asked for.

import { compare, formatHex } from '@muniment/sdk'
import { HomeError } from '../home-error.ts'
import type { Database, Entry, Range, Write } from './database.ts'

export type Fault = {
  /** The write that fails, counted from 1. */
  readonly atWrite: number
  /** What a crash leaves behind: the batch as a whole or nothing of it. */
  readonly leaves: 'old' | 'new'
}

/** What outlives the process: give it to a second database to "restart". */
export type Disk = Map<string, Entry>

export function newDisk(): Disk {
  return new Map()
}

/** `onSync` is told after each batch, as openDatabase does it. After the fault every later write is refused. */
export function memoryDatabase(
  disk: Disk,
  options: { readonly fault?: Fault; readonly onSync?: (batches: number) => void } = {},
): Database {
  let writeCount = 0
  let failed = false

  function get(key: Uint8Array): Uint8Array | undefined {
    return disk.get(formatHex(key))?.value.slice()
  }

  async function getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return keys.map(get)
  }

  async function entries(range: Range): Promise<readonly Entry[]> {
    const inside = [...disk.values()].filter(({ key }) => compare(key, range.from) >= 0 && compare(key, range.to) < 0)
    inside.sort((a, b) => compare(a.key, b.key))
    if (range.order === 'descending') inside.reverse()
    return inside.slice(0, range.countMax)
  }

  async function write(writes: readonly Write[]): Promise<void> {
    writeCount += 1
    const faulty = writeCount === options.fault?.atWrite
    if (!failed && !(faulty && options.fault?.leaves === 'old')) applyWrites(disk, writes)
    failed ||= faulty
    if (failed) throw new HomeError('disk-full', 'The disk is full (a fault injected by a test).')
    options.onSync?.(writeCount)
  }

  return { get, getMany, entries, write, close: async () => {} }
}

function applyWrites(disk: Disk, writes: readonly Write[]): void {
  for (const { key, value } of writes) {
    if (value === undefined) disk.delete(formatHex(key))
    else disk.set(formatHex(key), { key: Uint8Array.from(key), value: Uint8Array.from(value) })
  }
}
