// The SDK's Store on a disk: a folder for each chain, a file for each block. A file appears whole or not at all (written beside
// and renamed), so that several processes may share a folder and none needs a lock. Whatever cannot be read, is not what its
// name says or has been changed counts as missing and is removed; what can be read the light client verifies again.

import { randomBytes } from 'node:crypto'
import { constants, type FileHandle, mkdir, open, opendir, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import {
  concat,
  encodeUtf8,
  equals,
  evidenceId,
  formatHex,
  type LightBlock,
  lightBlock,
  limits,
  type Store,
  type StoredEvidence,
  storedEvidence,
  VerifyError,
} from '@muniment/sdk'
import { nodeHasher, sha256 } from '../hasher.ts'
import { HomeError, systemError } from '../home-error.ts'
import { lightStoreFileBytesMax, lightStoreFilesMax, lightStoreLeftoverMs } from '../limits.ts'

/** Makes the folder where there is none. Throws HomeError. */
export async function openLightStore(folder: string): Promise<Store> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    const known = systemError(error, folder)
    throw known ?? new HomeError('permission', `The folder ${folder} can’t be made: a file stands in its way.`, error)
  }
  let last: Promise<unknown> = Promise.resolve()
  /** One change at a time; whoever only reads waits for those before. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = last.then(run)
    last = turn.catch(() => undefined)
    return turn
  }
  const chainFolder = (chainId: string): string => join(folder, folderName(chainId))
  return {
    put: (chainId, block) => inTurn(() => putBlock(chainFolder(chainId), block)),
    newest: (chainId, heightMax) => inTurn(() => newestBlock(chainFolder(chainId), chainId, heightMax)),
    get: (chainId, height) => inTurn(() => readBlock(chainFolder(chainId), blockName(height), chainId)),
    putEvidence: (chainId, stored) => inTurn(() => putEvidence(chainFolder(chainId), stored)),
    evidence: chainId => inTurn(() => readEvidence(chainFolder(chainId))),
    putCheckpoint: (chainId, signed) =>
      inTurn(() => write(chainFolder(chainId), { name: checkpointName, content: signed, lasting: true })),
    checkpoint: chainId => inTurn(() => readCheckpoint(chainFolder(chainId))),
    clear: chainId => inTurn(() => removeBlocks(chainFolder(chainId))),
    close: () => inTurn(async () => {}),
  }
}

const checkpointName = 'checkpoint'
const blockPattern = /^block-\d{20}$/
const evidencePattern = /^evidence-[0-9a-f]{64}$/
const leftoverPattern = /^\.new-[0-9a-f]{16}$/

/** A chain id may hold any character; names that differ in case alone are one file to some systems. */
function folderName(chainId: string): string {
  return /^[a-z0-9][a-z0-9._-]*$/.test(chainId) ? `chain-${chainId}` : `chain=${formatHex(encodeUtf8(chainId))}`
}

/** Twenty digits, so that names stand in the order of heights. */
function blockName(height: bigint): string {
  return `block-${height.toString().padStart(20, '0')}`
}

async function putBlock(folder: string, block: LightBlock): Promise<void> {
  const name = blockName(block.header.height)
  await write(folder, { name, content: lightBlock.encode(block), lasting: false })
  const names = await namesIn(folder, blockPattern)
  const excess = names.length - limits.storedLightBlocksMax
  // The first stays: mostly it is the block that trust begins with.
  if (excess > 0) for (const old of names.slice(1, 1 + excess)) await remove(folder, old)
}

async function newestBlock(
  folder: string,
  chainId: string,
  heightMax: bigint | undefined,
): Promise<LightBlock | undefined> {
  const names = await namesIn(folder, blockPattern)
  const below = heightMax === undefined ? names : names.filter(name => name <= blockName(heightMax))
  for (const name of below.toReversed()) {
    const block = await readBlock(folder, name, chainId)
    if (block) return block
  }
  return undefined
}

function readBlock(folder: string, name: string, chainId: string): Promise<LightBlock | undefined> {
  return read(folder, name, content => {
    const block = lightBlock.decode(content)
    return block.header.chainId === chainId && blockName(block.header.height) === name ? block : undefined
  })
}

async function removeBlocks(folder: string): Promise<void> {
  for (const name of await namesIn(folder, blockPattern)) await remove(folder, name)
}

async function putEvidence(folder: string, stored: StoredEvidence): Promise<void> {
  const name = `evidence-${stored.id}`
  const kept = await readEvidence(folder)
  if (!kept.some(({ id }) => id === stored.id) && kept.length >= limits.storedEvidenceMax) return
  await write(folder, { name, content: storedEvidence.encode(stored), lasting: true })
}

async function readEvidence(folder: string): Promise<readonly StoredEvidence[]> {
  const found: StoredEvidence[] = []
  for (const name of await namesIn(folder, evidencePattern)) {
    if (found.length >= limits.storedEvidenceMax) break
    const id = name.slice('evidence-'.length)
    const stored = await read(folder, name, content => {
      const decoded = storedEvidence.decode(content)
      return formatHex(evidenceId(decoded.evidence, nodeHasher)) === id ? decoded : undefined
    })
    if (stored) found.push({ id, ...stored })
  }
  return found
}

function readCheckpoint(folder: string): Promise<Uint8Array | undefined> {
  return read(folder, checkpointName, content =>
    content.length <= limits.signedCheckpointBytesMax ? content : undefined,
  )
}

/** In their order. None where there is no folder yet. */
async function namesIn(folder: string, pattern: RegExp): Promise<readonly string[]> {
  const names: string[] = []
  try {
    let looked = 0
    for await (const { name } of await opendir(folder)) {
      looked += 1
      if (looked > lightStoreFilesMax) break
      if (pattern.test(name)) names.push(name)
      else if (leftoverPattern.test(name)) await removeLeftover(folder, name)
    }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw systemError(error, folder) ?? error
  }
  return names.sort()
}

/** Behind its SHA-256. What must not be lost is on the disk when this resolves; a block can always be asked for again. */
async function write(
  folder: string,
  file: { readonly name: string; readonly content: Uint8Array; readonly lasting: boolean },
): Promise<void> {
  const { name, content, lasting } = file
  const beside = join(folder, `.new-${randomBytes(8).toString('hex')}`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const handle = await open(beside, 'wx', 0o600)
    try {
      await handle.writeFile(concat(sha256(content), content))
      if (lasting) await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, join(folder, name))
    if (lasting) await syncFolder(folder)
  } catch (error) {
    await unlink(beside).catch(() => undefined)
    throw systemError(error, folder) ?? error
  }
}

/** So that the new name is on the disk too; not every system can. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

/** Undefined where there is none, and where what is there is not what was written: then it is removed. */
async function read<T>(
  folder: string,
  name: string,
  parse: (content: Uint8Array) => T | undefined,
): Promise<T | undefined> {
  const path = join(folder, name)
  let handle: FileHandle
  try {
    // A link may lead anywhere, and a pipe is never read to its end.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (codeOf(error) === 'ELOOP') return remove(folder, name)
    throw systemError(error, path) ?? error
  }
  try {
    const value = intact(await readBounded(handle), parse)
    return value ?? (await remove(folder, name))
  } finally {
    await handle.close()
  }
}

async function readBounded(handle: FileHandle): Promise<Uint8Array | undefined> {
  const { size, isFile } = await handle.stat().then(found => ({ size: found.size, isFile: found.isFile() }))
  if (!isFile || size < 32 || size > lightStoreFileBytesMax) return undefined
  const bytes = new Uint8Array(size)
  const { bytesRead } = await handle.read(bytes, 0, size, 0)
  return bytesRead === size ? bytes : undefined
}

function intact<T>(bytes: Uint8Array | undefined, parse: (content: Uint8Array) => T | undefined): T | undefined {
  if (bytes === undefined) return undefined
  const content = bytes.slice(32)
  if (!equals(sha256(content), bytes.subarray(0, 32))) return undefined
  try {
    return parse(content)
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}

/** What cannot be removed is not believed either. */
async function remove(folder: string, name: string): Promise<undefined> {
  await unlink(join(folder, name)).catch(() => undefined)
}

async function removeLeftover(folder: string, name: string): Promise<void> {
  const found = await stat(join(folder, name)).catch(() => undefined)
  if (found && Date.now() - found.mtimeMs > lightStoreLeftoverMs) await remove(folder, name)
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code
}
