import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  concat,
  evidenceId,
  formatHex,
  lightBlock,
  limits,
  loadCrypto,
  type Store,
  type StoredEvidence,
} from '@muniment/sdk'
import { testStoreCompliance } from '../../../test/compliance/store.ts'
import { createSignedChain } from '../../../test/signed-chain.ts'
import { sha256 } from '../hasher.ts'
import type { HomeError } from '../home-error.ts'
import { lightStoreFileBytesMax } from '../limits.ts'
import { openLightStore } from './light-store.ts'

const crypto = await loadCrypto()
const folders: string[] = []
after(() => {
  crypto.close()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'muniment-store-'))
  folders.push(folder)
  return folder
}

const { blocks } = createSignedChain({ heights: 9, membersAt: () => [{ name: 'office', power: 1n }] }, crypto)
const chainId = 'test-chain'

function evidenceOf(index: number): StoredEvidence {
  const evidence = {
    type: 'light-client-attack',
    conflictingBlock: blocks[index]!,
    commonHeight: 1n,
    byzantineValidators: blocks[0]!.validatorSet.validators,
    totalVotingPower: 1n,
    timestamp: blocks[0]!.header.time,
  } as const
  return { id: formatHex(evidenceId(evidence, crypto)), evidence, foundAt: blocks[0]!.header.time, takenBy: ['a node'] }
}

testStoreCompliance('a folder', () => openLightStore(newFolder()))

test('a folder: what was put is there for the next process, in files that nobody else may read', async () => {
  const folder = newFolder()
  const first = await openLightStore(folder)
  for (const block of blocks) await first.put(chainId, block)
  await first.putEvidence(chainId, evidenceOf(3))
  await first.putCheckpoint(chainId, Uint8Array.of(1, 2, 3))
  await first.close()
  const second = await openLightStore(folder)
  assert.deepEqual(await second.newest(chainId), blocks.at(-1))
  assert.deepEqual(await second.evidence(chainId), [evidenceOf(3)])
  assert.deepEqual(await second.checkpoint(chainId), Uint8Array.of(1, 2, 3))
  const modes = execFileSync('find', [folder, '-perm', '/077'], { encoding: 'utf8' })
  assert.equal(modes, '')
})

test('a folder: chains whose names no file could have, or that differ in case, stand beside each other', async () => {
  const store = await openLightStore(newFolder())
  const names = ['../up', 'A', 'a', '.', 'a/b', 'سجل', '=41', 'con', '\u0000']
  for (const [index, name] of names.entries()) {
    await store.put(name, { ...blocks[0]!, header: { ...blocks[0]!.header, chainId: name, height: BigInt(index + 1) } })
  }
  for (const [index, name] of names.entries())
    assert.equal((await store.newest(name))!.header.height, BigInt(index + 1))
})

test('a folder: what was changed, cut, planted or is no file counts as missing, and is removed', async () => {
  const folder = newFolder()
  const store = await openLightStore(folder)
  for (const block of blocks.slice(0, 3)) await store.put(chainId, block)
  await store.putEvidence(chainId, evidenceOf(3))
  await store.putCheckpoint(chainId, Uint8Array.of(1))
  const chain = join(folder, `chain-${chainId}`)
  const place = (name: string): string => join(chain, name)
  const at = (height: number): string => `block-${String(height).padStart(20, '0')}`
  const good = readFileSync(place(at(3)))
  const framed = (content: Uint8Array): Uint8Array => concat(sha256(content), content)
  const flipped = Uint8Array.from(good)
  flipped[100]! ^= 1
  const [otherChain] = createSignedChain(
    { heights: 1, membersAt: () => [{ name: 'office', power: 1n }] },
    crypto,
  ).blocks
  const spoilt = readFileSync(place('checkpoint'))
  spoilt[spoilt.length - 1] = 7
  writeFileSync(place('checkpoint'), spoilt)
  assert.equal(await store.checkpoint(chainId), undefined, 'a changed byte is seen, whatever the file holds')
  const outside = join(newFolder(), 'outside')
  writeFileSync(outside, framed(lightBlock.encode(blocks[7]!)))
  const planted: Readonly<Record<string, Uint8Array>> = {
    [at(4)]: flipped,
    [at(5)]: good.subarray(0, 60),
    [at(6)]: good,
    [at(7)]: new Uint8Array(0),
    [at(8)]: framed(new Uint8Array([1, 2, 3])),
    [at(9)]: framed(
      lightBlock.encode({ ...otherChain!, header: { ...otherChain!.header, height: 9n, chainId: 'other' } }),
    ),
    [at(10)]: new Uint8Array(lightStoreFileBytesMax + 1),
    [`evidence-${'0'.repeat(64)}`]: readFileSync(place(`evidence-${evidenceOf(3).id}`)),
    [`evidence-${'1'.repeat(64)}`]: framed(new Uint8Array(9)),
    checkpoint: framed(new Uint8Array(limits.signedCheckpointBytesMax + 1)),
  }
  for (const [name, bytes] of Object.entries(planted)) writeFileSync(place(name), bytes)
  rmSync(place(at(8)))
  symlinkSync(outside, place(at(8)))
  symlinkSync('/dev/zero', place(at(12)))
  mkdirSync(place(at(13)))
  const makePipe = ['mkfifo', place(at(14))] as const
  execFileSync(makePipe[0], [makePipe[1]])
  writeFileSync(place(at(99)), 'x', { mode: 0o600 })
  assert.deepEqual(await store.newest(chainId), blocks[2])
  assert.deepEqual(await store.evidence(chainId), [evidenceOf(3)])
  assert.equal(await store.checkpoint(chainId), undefined)
  for (const name of Object.keys(planted)) assert.ok(!existsSync(place(name)), `${name} is still there`)
  const left = readdirSync(chain).sort()
  assert.deepEqual(left, [at(1), at(2), at(3), at(13), `evidence-${evidenceOf(3).id}`])
  await store.put(chainId, blocks[4]!)
  assert.deepEqual(await store.newest(chainId), blocks[4])
})

test('a folder that cannot be made is one sentence', async () => {
  const file = join(newFolder(), 'file')
  writeFileSync(file, '')
  for (const folder of [file, join(file, 'store')]) {
    await assert.rejects(openLightStore(folder), (error: HomeError) =>
      /^The folder .* can’t be made: .*\.$/.test(error.message),
    )
  }
})

test('two processes at one folder, of which one is killed again and again, lose nothing', {
  timeout: 60_000,
}, async () => {
  const folder = newFolder()
  const script = fileURLToPath(new URL('../../../test/light-store-child.ts', import.meta.url))
  const store: Store = await openLightStore(folder)
  for (let kills = 0; kills < 4; kills++) {
    const child = spawn(process.execPath, ['--conditions=source', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const gone = new Promise(resolve => child.once('close', resolve))
    await new Promise(resolve => child.stdout.once('data', resolve))
    for (let round = 0; round < 15; round++) {
      for (const block of blocks) await store.put(chainId, block)
      await store.putEvidence(chainId, evidenceOf(round % 9))
      assert.ok(await store.newest(chainId))
    }
    child.kill('SIGKILL')
    await gone
  }
  const after = await openLightStore(folder)
  assert.equal((await after.evidence(chainId)).length, 9)
  for (const block of blocks) assert.deepEqual(await after.get(chainId, block.header.height), block)
})
