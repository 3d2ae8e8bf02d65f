// CometBFT v0.40.0 reads the embedded engine's chain: its library re-checks every block, its light client follows it.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  attackEvidence,
  type BlockId,
  empty,
  encodeUtf8,
  equals,
  formatHex,
  type Header,
  headerHash,
  loadCrypto,
  noBlockId,
  parseHeader,
  SignedMessageType,
  type SignedVote,
  totalVotingPower,
  voteSignBytes,
} from '@muniment/sdk'
import type { Chain } from '../../node/src/engine/chain-store.ts'
import type { Engine } from '../../node/src/engine/engine.ts'
import type { Application } from '../../node/src/ledger/application.ts'
import { type Rpc, startRpc } from '../../node/src/rpc/server.ts'
import { memoryDatabase, newDisk } from '../../node/src/storage/memory.ts'
import { forgedBlock, type SignVote } from '../divergence.ts'
import { changingValidators, reached, startTestChain, testGenesis, testKey } from '../test-chain.ts'
import { buildGoProgram, goSkip, installGoProgram, runProgram } from './go.ts'

const crypto = await loadCrypto()

type Served = { readonly engine: Engine; readonly application: Application; readonly rpc: Rpc }

async function serve(engine: Engine, application: Application): Promise<Rpc> {
  return startRpc({ engine, application, host: '127.0.0.1', port: 0, corsOrigins: [], limits: noLimits })
}

/** One client asks for everything at once. */
const noLimits = {
  connectionsPerAddressMax: 1_000,
  requestsConcurrentMax: 1_000,
  callsPerSecondMax: 1e9,
  callsBurstMax: 1e9,
  addressesMax: 10,
}

/** A chain with empty and full blocks, one of several parts, absent votes, four changes of its validators, and evidence. */
async function variedChain(): Promise<Served> {
  const members = ['one', 'two', 'three', 'four'].map(name => ({ name, power: 10n }))
  const update = (name: string, power: bigint) => ({ publicKey: testKey(name).publicKey.bytes, power })
  const wrap = changingValidators(height => {
    if (height === 2n) return [update('five', 12n)]
    if (height === 4n) return [update('two', 25n), update('four', 3n)]
    if (height === 6n) return [update('one', 0n)]
    return height === 9n ? [update('one', 4n), update('three', 1n)] : []
  })
  // `four` never signs.
  const signers = ['one', 'two', 'three', 'five'].map(testKey)
  const { engine, application } = await startTestChain(memoryDatabase(newDisk()), {
    genesis: testGenesis({ members }),
    signers,
    wrap,
    heartbeatMs: 10,
    blockIntervalMs: 50,
  })
  for (let i = 0; i < 60; i++) await engine.submit(encodeUtf8(`key ${i}=value ${i}`))
  await reached(engine, 14n)
  await reportForks(engine)
  for (let i = 0; i < 12; i++) await engine.submit(encodeUtf8(`big ${i}=${'x'.repeat(25_000)}`))
  while (engine.status().poolTransactions > 0) await reached(engine, engine.newest().height + 1n)
  await reached(engine, engine.newest().height + 5n)
  await engine.stop()
  return { engine, application, rpc: await serve(engine, application) }
}

/** A header that could not follow, one that could, and two votes of one round. */
async function reportForks(engine: Engine): Promise<void> {
  const [common, trusted] = [engine.chain.lightBlock(5n)!, engine.chain.lightBlock(12n)!]
  const members = ['one', 'two', 'three', 'four', 'five'].map(testKey)
  const sign: SignVote = (publicKey, message) =>
    members.find(member => equals(member.publicKey.bytes, publicKey))?.sign(message)
  for (const header of [{ appHash: new Uint8Array(32).fill(1) }, { dataHash: new Uint8Array(32).fill(1) }]) {
    const conflicting = forgedBlock(trusted, { header, sign }, crypto)
    await engine.report(attackEvidence({ common, trusted, conflicting }).evidence)
  }
  const [validatorIndex, validator] = [1, trusted.validatorSet.validators[1]!]
  const voteFor = (blockId: BlockId): SignedVote => {
    const { address: validatorAddress, publicKey } = validator
    const vote = { type: SignedMessageType.precommit, height: 12n, round: 3, blockId, timestamp: trusted.header.time }
    const signature = sign(publicKey.bytes, voteSignBytes({ ...vote, chainId: 'test-chain' }))!
    return { ...vote, validatorAddress, validatorIndex, signature, extension: empty, extensionSignature: empty }
  }
  await engine.report({
    type: 'duplicate-vote',
    voteA: voteFor(noBlockId),
    voteB: voteFor(trusted.commit.blockId),
    totalVotingPower: totalVotingPower(trusted.validatorSet),
    validatorPower: validator.votingPower,
    timestamp: trusted.header.time,
  })
}

describe('CometBFT v0.40.0', { skip: goSkip }, () => {
  let served: Served
  before(async () => {
    served = await variedChain()
  })
  after(() => served?.rpc.close())

  test('its library accepts every block, commit and part set of ours', async () => {
    const found = JSON.parse(await runProgram(await buildGoProgram('recheck'), [served.rpc.url]))
    assert.equal(found.blocks, Number(served.engine.newest().height))
    assert.equal(found.transactions, 72)
    assert.equal(found.setChanges, 4)
    assert.equal(found.evidence, 3)
    assert.ok(found.multiPart >= 1)
    assert.ok(found.largestBlock > 65_536)
    assert.ok(found.absentVotes >= found.blocks)
    assert.equal(found.LatestAppHash, formatHex(served.engine.newest().appHash).toUpperCase())
  })

  test('its library accepts a chain of one signer that rested and was started again', async t => {
    const disk = newDisk()
    const clock = { ms: Date.now() - 3 * 86_400_000 }
    const now = () => clock.ms
    const genesis = testGenesis({ timeMs: clock.ms })
    for (let run = 0; run < 3; run++) {
      const { engine } = await startTestChain(memoryDatabase(disk), { genesis, now })
      await engine.submit(encodeUtf8(`run ${run}=yes`))
      await reached(engine, engine.newest().height + 3n)
      await engine.stop()
      clock.ms += 80_000_000
    }
    const { engine, application } = await startTestChain(memoryDatabase(disk), { genesis, now })
    await reached(engine, engine.newest().height + 1n)
    await engine.stop()
    const rpc = await serve(engine, application)
    t.after(() => rpc.close())
    const found = JSON.parse(await runProgram(await buildGoProgram('recheck'), [rpc.url]))
    assert.equal(found.blocks, Number(engine.newest().height))
    assert.equal(found.transactions, 3)
  })

  test('its library refuses the chain when one header, vote or result is changed', async t => {
    const binary = await buildGoProgram('recheck')
    const { engine, application } = served
    const changes: Record<string, Partial<Chain>> = {
      'block 5: wrong Block.Header.AppHash': {
        block: height => {
          const stored = engine.chain.block(height)!
          if (height !== 5n) return stored
          const header = { ...stored.block.header, appHash: crypto.sha256(encodeUtf8('forged')) }
          return { ...stored, block: { ...stored.block, header } }
        },
      },
      'commit 5: wrong signature': {
        commit: height => {
          const commit = engine.chain.commit(height)!
          if (height !== 5n) return commit
          const signatures = commit.signatures.map((vote, i) => {
            const signature = vote.signature.slice()
            if (i === 0) signature[40]! ^= 1
            return { ...vote, signature }
          })
          return { ...commit, signatures }
        },
      },
      'block 6: wrong Block.Header.AppHash': {
        results: height => {
          const stored = engine.chain.results(height)!
          return height === 5n ? { ...stored, appHash: crypto.sha256(encodeUtf8('forged')) } : stored
        },
      },
    }
    for (const [refusal, change] of Object.entries(changes)) {
      const rpc = await serve({ ...engine, chain: { ...engine.chain, ...change } }, application)
      t.after(() => rpc.close())
      await assert.rejects(runProgram(binary, [rpc.url]), new RegExp(refusal))
    }
  })
})

describe('cometbft light v0.40.0', { skip: goSkip }, () => {
  let served: Served
  let witness: Rpc
  let home: string
  let child: ChildProcess | undefined

  before(async () => {
    served = await variedChain()
    witness = await serve(served.engine, served.application)
    home = await mkdtemp(join(tmpdir(), 'muniment-light-'))
  })
  after(async () => {
    if (child && child.exitCode === null) {
      const ended = new Promise(resolve => child?.once('close', resolve))
      child.kill()
      await ended
    }
    await served?.rpc.close()
    await witness?.close()
    await rm(home, { recursive: true, force: true })
  })

  test('follows our chain by two RPC addresses and has our hashes at every height', async () => {
    const binary = await installGoProgram('github.com/cometbft/cometbft/cmd/cometbft', 'v0.40.0')
    const { engine } = served
    const first = engine.chain.block(1n)!
    const port = await freePort()
    const addresses = ['-p', served.rpc.url, '-w', witness.url, '--laddr', `tcp://127.0.0.1:${port}`]
    const trust = ['--height', '1', '--hash', formatHex(first.blockId.hash), '--home-dir', home]
    child = spawn(binary, ['light', 'test-chain', ...addresses, ...trust], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', chunk => {
        said += chunk
      })
    }
    const proxy = `http://127.0.0.1:${port}`
    const { height: newest } = engine.newest()
    for (let height = newest; height >= 1n; height--) {
      const header = await verifiedHeader(`${proxy}/commit?height=${height}`, () => said)
      const ours = engine.chain.block(height)!
      assert.equal(formatHex(headerHash(header, crypto)), formatHex(ours.blockId.hash))
    }
    const status = await (await fetch(`${proxy}/status`)).json()
    assert.equal(status.result.sync_info.latest_block_height, String(newest))
    const block = await (await fetch(`${proxy}/block?height=${newest}`)).json()
    assert.equal(block.result.block.header.height, String(newest))
  })
})

/** Asks the proxy until it is up; its answer is verified by CometBFT's light client. */
async function verifiedHeader(url: string, said: () => string): Promise<Header> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await fetch(url).then(
      response => response.json(),
      () => undefined,
    )
    if (answer?.result) return parseHeader(answer.result.signed_header.header)
    if (answer?.error) assert.fail(`${JSON.stringify(answer.error)}\n${said()}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  assert.fail(`the light client did not start: ${said()}`)
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
