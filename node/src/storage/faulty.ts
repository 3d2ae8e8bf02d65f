// The store on real files with one fault at one write, for tests of what a node finds at its next start. What LevelDB's log
// holds is changed after the store was closed, as a power cut leaves it: LevelDB itself takes part in the recovery.

import { open, readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { HomeError } from '../home-error.ts'
import { type Database, openDatabase } from './database.ts'

export type FileFault = {
  /** The write with the fault, counted from 1. */
  readonly atWrite: number
  /**
   * - `fails`: nothing of it reaches the disk.
   * - `unheard`: all of it is on the disk, and the process ends before it knows.
   * - `cut`: the log ends in the middle of it.
   * - `garbled`: the log has its whole length, and from its middle on other bytes.
   * - `delayed`: it takes long, and succeeds.
   */
  readonly kind: 'fails' | 'unheard' | 'cut' | 'garbled' | 'delayed'
  /** How much of the write is sound before it is cut or garbled, from 0 to less than 1. */
  readonly soundShare?: number
  readonly delayMs?: number
}

/** The newest log, and how long it was before the faulty write and after it. */
type Tear = { readonly path: string; readonly before: number; readonly after: number }

/** After a fault every later write is refused, as openDatabase does it. */
export async function openFaultyDatabase(folder: string, fault: FileFault): Promise<Database> {
  const below = await openDatabase(folder)
  let writeCount = 0
  let failed = false
  let tear: Tear | undefined

  async function write(writes: Parameters<Database['write']>[0]): Promise<void> {
    writeCount += 1
    if (failed) refuse()
    if (writeCount !== fault.atWrite) return below.write(writes)
    if (fault.kind === 'delayed') {
      await wait(fault.delayMs ?? 50)
      return below.write(writes)
    }
    failed = true
    if (fault.kind === 'fails') refuse()
    const before = await newestLog(folder)
    await below.write(writes)
    const after = await newestLog(folder)
    tear = { path: after.path, before: before.path === after.path ? before.bytes : 0, after: after.bytes }
    refuse()
  }

  async function close(): Promise<void> {
    await below.close()
    if (tear) await damage(tear, fault)
  }

  return { ...below, write, close }
}

function refuse(): never {
  throw new HomeError('disk-full', 'The disk is full (a fault injected by a test).')
}

async function damage({ path, before, after }: Tear, { kind, soundShare = 0.5 }: FileFault): Promise<void> {
  const soundBytes = before + Math.floor((after - before) * soundShare)
  if (kind === 'cut') await truncate(path, soundBytes)
  if (kind !== 'garbled') return
  const file = await open(path, 'r+')
  try {
    await file.write(new Uint8Array(after - soundBytes).fill(0xa5), 0, after - soundBytes, soundBytes)
  } finally {
    await file.close()
  }
}

async function newestLog(folder: string): Promise<{ readonly path: string; readonly bytes: number }> {
  const logs = (await readdir(folder)).filter(name => /^\d+\.log$/.test(name)).toSorted()
  const path = join(folder, logs.at(-1)!)
  return { path, bytes: (await stat(path)).size }
}
