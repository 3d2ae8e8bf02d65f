// What the bench of the light client promises: a chain that both sides accept, the same at every call, and a contender that
// really checks.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type LightRow, tableOf } from '../bench/light/bars.ts'
import { unpackBlocks, withLength } from '../bench/light/blocks.ts'
import { createLazyChain } from '../bench/light/chain.ts'
import { buildCometBft, type CometBft, openCometBft } from '../bench/light/cometbft.ts'
import { checkFollower, type Follower, openOurs, withBadSignature } from '../bench/light/follower.ts'
import { serve } from '../bench/light/served.ts'
import { measureSizes } from '../bench/light/sizes.ts'
import { countSkips } from '../bench/light/skip.ts'
import { formatHex } from '../sdk/src/bytes.ts'
import { headerHash } from '../sdk/src/comet/header.ts'
import { type LightBlock, lightBlock } from '../sdk/src/comet/light-block.ts'
import { validateLightBlock } from '../sdk/src/comet/validate.ts'
import { loadCrypto } from '../sdk/src/crypto/load.ts'
import { verifyAdjacent } from '../sdk/src/light/verify.ts'
import { nanosPerSecond } from '../sdk/src/time.ts'
import type { Trusted } from '../sdk/src/trusted.ts'
import { goSkip } from './interop/go.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const plan = { validators: 5, rotateEvery: 3, salt: 'one' }
const chain = createLazyChain(plan)
const heights = Array.from({ length: 8 }, (_, i) => i + 1)

test('a block is the same whenever it is asked for, and another under another salt', () => {
  for (const height of [1, 7, 1_000_000]) {
    const encoded = chain.encodedBlock(height)
    assert.deepEqual(createLazyChain(plan).encodedBlock(height), encoded)
    assert.notDeepEqual(createLazyChain({ ...plan, salt: 'two' }).encodedBlock(height), encoded)
    validateLightBlock(chain.lightBlock(height), chain.chainId, crypto)
    assert.notEqual(chain.lightBlock(height), chain.lightBlock(height))
  }
})

test('validators come and go one by one, and are all others a million heights later', () => {
  const members = (height: number): Set<string> =>
    new Set(chain.lightBlock(height).validatorSet.validators.map(({ address }) => formatHex(address)))
  const shared = (left: number, right: number): number =>
    [...members(left)].filter(each => members(right).has(each)).length
  assert.deepEqual([shared(1, 2), shared(2, 3), shared(1, 9), shared(1, 1_000_000)], [5, 4, 2, 0])
})

test('our verifier takes its blocks one after the other', async () => {
  const [trusted, ...blocks] = heights.map(chain.lightBlock)
  const answer = await verifyAdjacent(trusted as Trusted<LightBlock>, blocks, {
    now: chain.timeOf(9),
    trustingPeriodNs: 86_400n * nanosPerSecond,
    maxClockDriftNs: 0n,
    crypto,
  })
  assert.equal(answer.kind, 'verified')
})

test('blocks survive the way to the page and to the Go program', () => {
  const encoded = heights.map(chain.encodedBlock)
  const packed = Buffer.concat(encoded.flatMap(withLength))
  const buffer = packed.buffer.slice(packed.byteOffset, packed.byteOffset + packed.length)
  assert.deepEqual(unpackBlocks(buffer as ArrayBuffer), encoded)
})

for (const oneByOne of [false, true]) {
  test(`our follower decodes anew each time and notices one bad signature, ${oneByOne ? 'one by one' : 'in one batch'}`, async () => {
    const encoded = heights.map(chain.encodedBlock)
    const ours = await openOurs('ours', { oneByOne })
    await checkFollower(ours, encoded)
    const { good, secondsPerHeader } = await ours.follow()
    assert.ok(good && secondsPerHeader > 1e-6 && secondsPerHeader < 1)
    // What it was given changes under its hands: nothing of it was kept decoded.
    for (const [i, bytes] of withBadSignature(encoded).entries()) encoded[i]!.set(bytes)
    assert.equal((await ours.follow()).good, false)
    ours.close()
  })
}

test('a follower that takes every chain, or none, is not measured', async () => {
  const encoded = heights.map(chain.encodedBlock)
  const saying = (good: boolean): Follower => ({
    name: 'a parrot',
    load: async () => {},
    follow: async () => ({ secondsPerHeader: 1, good }),
    close: () => {},
  })
  await assert.rejects(checkFollower(saying(true), encoded), /takes a bad chain for another/)
  await assert.rejects(checkFollower(saying(false), encoded), /takes a good chain for another/)
})

test('every block that is asked of our node is counted, whatever the question', async () => {
  const { provider, counts } = serve(chain, { newest: 20, hints: true, label: 'node' })
  await provider.lightBlock(3n)
  await provider.lightBlock('latest')
  assert.equal(counts.blocks, 2)
  await provider.lightBlocks(4n, 9n)
  assert.equal(counts.blocks, 8)
  await provider.lightPath!({ from: 1n, to: 20n, trustLevel: { numerator: 1n, denominator: 3n } })
  assert.deepEqual([counts.blocks, counts.paths], [8, 1])
  assert.equal(serve(chain, { newest: 20, hints: false, label: 'node' }).provider.lightPath, undefined)
})

test('the table says of each row whether it reaches aim or must', () => {
  const row = (workload: string, ratio: number, contender: LightRow['contender'] = 'cometbft-go'): LightRow => {
    return { workload, contender, runtime: 'node', ratio, spread: 0 }
  }
  const rows = [
    row('adjacent-1000x100', 2.5),
    row('adjacent-1000x100', 2.4),
    row('adjacent-1x150', 0.99),
    row('skip-1m', 1),
    row('skip-1m', 0.9),
    row('skip-1m', 0.5),
    row('skip-1m-no-hint', 1),
    row('bytes-per-header-150', 0.61),
    row('bytes-per-header-150', 0.6),
    row('bytes-per-header-150', 0.44),
    row('bytes-per-header-150', 0.9, 'cometbft-go-rpc'),
  ]
  assert.deepEqual(
    tableOf(rows).map(({ verdict }) => verdict),
    ['aim', 'must', 'MISSED', 'MISSED', 'must', 'aim', 'no bar', 'MISSED', 'must', 'aim', 'no bar'],
  )
})

describe('CometBFT’s light client as a contender', { skip: goSkip }, () => {
  let program: CometBft
  before(async () => {
    const built = await buildCometBft()
    assert.ok('path' in built, 'missing' in built ? built.missing : '')
    program = openCometBft(built.path)
  })
  after(() => program?.close())

  test('verifies adjacent headers, and notices one bad signature', async () => {
    const encoded = heights.map(chain.encodedBlock)
    await program.load(encoded)
    for (let i = 0; i < 2; i++) {
      const { good, nanoseconds } = await program.adjacent()
      assert.ok(good)
      assert.ok(nanoseconds > 10_000)
    }
    const block = lightBlock.decode(encoded[4]!)
    const signatures = block.commit.signatures.map((each, i) =>
      i === 2 ? { ...each, signature: new Uint8Array(64) } : each,
    )
    await program.load(encoded.with(4, lightBlock.encode({ ...block, commit: { ...block.commit, signatures } })))
    const { good, error } = await program.adjacent()
    assert.equal(good, false)
    assert.match(error!, /wrong signature/)
  })

  test('skips over a million heights, and counts what it asks for', async () => {
    const asked: number[] = []
    const skip = {
      chainId: chain.chainId,
      trusted: 1,
      hash: formatHex(headerHash(chain.lightBlock(1).header, crypto)),
      target: 1_000_000,
      now: Number(chain.timeOf(1_000_001).seconds),
    }
    const slow = createLazyChain({ validators: 5, rotateEvery: 100_000, salt: 'slow' })
    const hash = formatHex(headerHash(slow.lightBlock(1).header, crypto))
    const encodedBlock = (height: number): Uint8Array => {
      asked.push(height)
      return slow.encodedBlock(height)
    }
    const { good, error, primary, witness } = await program.skip({ ...skip, hash, encodedBlock })
    assert.ok(good, error)
    assert.equal(primary + witness, asked.length)
    assert.ok(primary > 3 && witness >= 2)
    const refused = await program.skip({ ...skip, encodedBlock })
    assert.equal(refused.good, false, 'another hash is not trusted')
  })

  test('tells the bytes of a block in protobuf and in the RPC’s JSON', async () => {
    const encoded = createLazyChain({ validators: 150, rotateEvery: 0, salt: 'sizes' }).encodedBlock(7)
    await program.load([encoded])
    const { proto, rpc } = await program.sizes()
    assert.deepEqual(proto, [encoded.length])
    assert.ok(rpc[0]! > 2 * encoded.length && rpc[0]! < 4 * encoded.length, String(rpc))
  })

  test('ours asks for fewer blocks on the same way, and both end at the target', async () => {
    const plan = { validators: 5, rotateEvery: 200, salt: 'skips' }
    const { ours, withoutHints, theirs, paths } = await countSkips(
      { plan, target: 20_000 },
      { crypto, cometBft: program },
    )
    // Of five equal validators two must be left: three may go in one step of 600 heights or a few more.
    assert.ok(ours >= 2 + Math.floor(20_000 / 800) - 1, String(ours))
    assert.ok(ours < theirs && withoutHints <= theirs, `${ours}, ${withoutHints}, ${theirs}`)
    assert.ok(paths > 0)
  })

  test('a header of ours takes less than half of the bytes of theirs', async () => {
    const { ours, proto, rpc } = await measureSizes(program, crypto)
    // 101 signatures of 64 bytes can't be left out.
    assert.ok(ours > 101 * 64 && ours < 0.45 * proto, `${ours} of ${proto}`)
    assert.ok(rpc > 2 * proto)
  })
})
