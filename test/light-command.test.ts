// `muniment light` as a process of its own, beside real nodes over RPC.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createRpcProvider, equals, formatHex, headerHash, loadCrypto, parseEvidence, VerifyError } from '@muniment/sdk'
import type { Engine } from '../node/src/engine/engine.ts'
import { type Rpc, startRpc } from '../node/src/rpc/server.ts'
import { memoryDatabase, newDisk } from '../node/src/storage/memory.ts'
import { forgedBlock } from './divergence.ts'
import { startTestNetwork, type TestNetwork } from './network.ts'
import { fullBlocks, reached, startTestChain, testKey } from './test-chain.ts'

const crypto = await loadCrypto()
const main = fileURLToPath(new URL('../node/src/main.ts', import.meta.url))
let network: TestNetwork
let trusted: { readonly height: bigint; readonly hash: string }

before(async () => {
  network = await startTestNetwork()
  const { header } = await createRpcProvider(network.rpc).lightBlock(1n)
  trusted = { height: header.height, hash: formatHex(headerHash(header, crypto)) }
})
after(async () => {
  await network.close()
  crypto.close()
})

type Ended = { readonly code: number; readonly out: string; readonly error: string }

function given(): readonly string[] {
  return ['--chain-id', 'test-net', '--height', String(trusted.height), '--hash', trusted.hash]
}

function light(...args: readonly string[]): Promise<Ended> {
  return new Promise(resolve => {
    const root = args.includes('--chain-id') ? [] : given()
    const all = ['--conditions=source', main, 'light', ...root, ...args]
    execFile(process.execPath, all, { timeout: 60_000 }, (failure, out, error) => {
      resolve({ code: typeof failure?.code === 'number' ? failure.code : 0, out, error })
    })
  })
}

test('a chain is verified from a trusted block, and the answer is one object a line', async () => {
  const { code, out } = await light('--primary', network.rpc, '--witness', network.rpc, '--json')
  assert.equal(code, 0)
  const answer = JSON.parse(out)
  const newest = await createRpcProvider(network.rpc).lightBlock(BigInt(answer.height))
  assert.equal(answer.hash, formatHex(headerHash(newest.header, crypto)))
  assert.deepEqual([answer.kind, answer.agreed.length], ['verified', 2])
  const exact = await light('--primary', network.rpc, '--to', '2', '--sequential')
  assert.match(exact.out, /^verified 2 [0-9a-f]{64} of .*, signed by at least 100 %/)
})

test('each kind of failure has its exit code, and says why in a sentence', async () => {
  const silent = await light('--primary', 'http://127.0.0.1:1', '--json')
  assert.equal(silent.code, 4)
  assert.equal(JSON.parse(silent.out).code, 'unavailable')
  const wrong = await light('--primary', network.rpc, '--hash', '00'.repeat(32))
  assert.equal(wrong.code, 5)
  assert.match(wrong.error, /not the header that is trusted \(wrong-hash/)
  const old = await light('--primary', network.rpc, '--trusting-period', '1s', '--to', '2')
  assert.equal(old.code, 3, old.error)
})

test('a mistake on the command line is one sentence, and the usage', async () => {
  for (const [args, words] of [
    [['--primary', 'ftp://x'], /ftp:\/\/x is no http address/],
    [['--primary', network.rpc, '--trust-level', '1/4'], /no trust level/],
    [['--primary', network.rpc, '--trusting-period', 'long'], /no period/],
    [['--primary', network.rpc, '--to', '-1'], /-1|argument/],
    [[], /--primary is missing/],
    [['--colour'], /colour/],
  ] as const) {
    const { code, error } = await light(...args)
    assert.equal(code, 1, error)
    assert.match(error, words)
  }
})

test('a watch goes on with each new block until it is stopped', { timeout: 60_000 }, async () => {
  const args = [...given(), '--primary', network.rpc, '--follow', '--json']
  const child = spawn(process.execPath, ['--conditions=source', main, 'light', ...args])
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  const heights: bigint[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    heights.push(BigInt(JSON.parse(line).height))
    if (heights.length === 1) await network.issueTitle({ parcel: 'example 1' })
    else child.kill('SIGINT')
  }
  assert.equal(await ended, 0)
  assert.ok(heights.length >= 2 && heights[1]! > heights[0]!, String(heights))
})

/** A chain, and beside its true server one with a fork of the newest block that the chain's own key has signed. */
async function forkedChain(
  t: TestContext,
): Promise<{ engine: Engine; rpc: Rpc; fork: Rpc; hashes: readonly string[]; deafen: (is: boolean) => void }> {
  const { engine, application } = await startTestChain(memoryDatabase(newDisk()), { heartbeatMs: 600_000 })
  await reached(engine, 2n)
  await new Promise(resolve => setTimeout(resolve, 100))
  const { height } = engine.newest()
  const key = testKey('one')
  const forged = forgedBlock(
    engine.chain.lightBlock(height)!,
    {
      header: { appHash: new Uint8Array(32).fill(1) },
      sign: (publicKey, message) => (equals(publicKey, key.publicKey.bytes) ? key.sign(message) : undefined),
    },
    crypto,
  )
  let isDeaf = false
  const refuse = async (): Promise<never> => {
    throw new VerifyError('unavailable', 'not now')
  }
  const frozen = engine.newest()
  const lying: Engine = {
    ...engine,
    newest: () => frozen,
    report: refuse,
    chain: {
      ...engine.chain,
      block: at => {
        const stored = engine.chain.block(at)
        return stored && at === height ? { ...stored, block: { ...stored.block, header: forged.header } } : stored
      },
      commit: at => (at === height ? forged.commit : engine.chain.commit(at)),
    },
  }
  const serve = (served: Engine): Promise<Rpc> =>
    startRpc({ engine: served, application, host: '127.0.0.1', port: 0, corsOrigins: [] })
  const rpc = await serve({ ...engine, report: evidence => (isDeaf ? refuse() : engine.report(evidence)) })
  const fork = await serve(lying)
  t.after(async () => {
    await rpc.close()
    await fork.close()
    await engine.stop()
  })
  const hashes = [forged.commit.blockId.hash, engine.newest().blockId.hash].map(formatHex)
  return { engine, rpc, fork, hashes, deafen: is => (isDeaf = is) }
}

function rooted({ engine, rpc, fork }: { engine: Engine; rpc: Rpc; fork: Rpc }): readonly string[] {
  const hash = formatHex(engine.chain.block(1n)!.blockId.hash)
  return ['--chain-id', 'test-chain', '--height', '1', '--hash', hash, '--primary', fork.url, '--witness', rpc.url]
}

test('two servers that prove different blocks: which, who signed both, and who has taken the evidence', async t => {
  const chain = await forkedChain(t)
  const home = mkdtempSync(join(tmpdir(), 'muniment-light-'))
  t.after(() => rmSync(home, { recursive: true }))
  const { height } = chain.engine.newest()
  const file = join(home, 'evidence.json')
  const address = formatHex(testKey('one').address).toUpperCase()
  const { code, error } = await light(...rooted(chain), '--evidence', file)
  assert.equal(code, 2, error)
  for (const hash of chain.hashes) assert.match(error, new RegExp(`block ${height} is ${hash}, says http`))
  assert.match(error, new RegExp(`lunatic; signed under both: ${address}\n`))
  assert.ok(error.includes(`taken by ${chain.rpc.url}/\n`), error)
  const kept = JSON.parse(readFileSync(file, 'utf8')).map(parseEvidence)
  await reached(chain.engine, height + 1n)
  const [recorded] = fullBlocks(chain.engine).flatMap(({ block }) => block.evidence)
  assert.deepEqual(kept[0], recorded)
  const again = await light(...rooted(chain), '--json', '--to', String(height))
  const told = again.out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .find(({ kind }) => kind === 'contradiction')
  assert.deepEqual([told.attack, told.signedBoth, told.takenBy], ['lunatic', [address], [`${chain.rpc.url}/`]])
  assert.deepEqual(told.blocks.map(({ hash }: { hash: string }) => hash).toSorted(), chain.hashes.toSorted())
})

test('a home keeps blocks and evidence between runs, heals what is damaged, and two commands may share it', async t => {
  const chain = await forkedChain(t)
  const home = mkdtempSync(join(tmpdir(), 'muniment-light-'))
  t.after(() => rmSync(home, { recursive: true }))
  const folder = join(home, 'light', 'chain-test-chain')
  chain.deafen(true)
  assert.equal((await light(...rooted(chain), '--home', home)).code, 2)
  assert.equal(chain.engine.status().poolEvidence, 0)
  chain.deafen(false)
  const { height } = chain.engine.newest()
  const alone = [...rooted(chain).slice(0, 6), '--primary', chain.rpc.url, '--home', home]
  const both = await Promise.all([light(...alone), light(...alone)])
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
    both.map(({ error }) => error).join(),
  )
  await reached(chain.engine, height + 1n)
  const recorded = fullBlocks(chain.engine).flatMap(({ block }) => block.evidence)
  assert.equal(recorded.length, 1, 'what the run before could not send was sent')
  const files = readdirSync(folder)
  assert.ok(files.filter(name => name.startsWith('block-')).length >= 2)
  for (const name of files) writeFileSync(join(folder, name), readFileSync(join(folder, name)).fill(0xff, 40))
  const healed = await light(...alone, '--to', String(height))
  assert.equal(healed.code, 0, healed.error)
  assert.match(healed.out, new RegExp(chain.hashes[1]!))
})
