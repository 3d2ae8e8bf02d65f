// Evidence against the chain's own signer: who holds his key can sign a fork, and whoever sees the fork can have it recorded.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  addSeconds,
  attackEvidence,
  createNodeProvider,
  createRpcProvider,
  encodeUtf8,
  evidenceHash,
  evidenceId,
  evidence as evidenceMessage,
  formatBase64,
  formatEvidence,
  formatHex,
  headerHash,
  LightClient,
  type LightClientAttackEvidence,
  type LightProvider,
  nanosPerSecond,
  parseBlock,
  parseHex,
  parseJson,
  SignedMessageType,
  type SignedVote,
  VerifyError,
} from '@muniment/sdk'
import fc from 'fast-check'
import { changeBytes, changes, readOrRefused } from '../../../test/hostile.ts'
import { fullBlocks, reached, startTestChain, testGenesis, testKey } from '../../../test/test-chain.ts'
import { verifyChain } from '../../../test/verify-chain.ts'
import type { LedgerApplication } from '../ledger/ledger-application.ts'
import { blockBytesMin, evidencePoolMax } from '../limits.ts'
import { createLocalProvider } from '../local-provider.ts'
import { startRpc } from '../rpc/server.ts'
import { openDatabase } from '../storage/database.ts'
import { memoryDatabase } from '../storage/memory.ts'
import { evidenceBytes } from './propose.ts'

import {
  attackAt,
  crypto,
  fork,
  longSet,
  refusal,
  resting,
  restingChain,
  signer,
  twin,
  twoVotes,
} from './test-evidence.ts'

test('a fork of the signer’s own key, found by a light client, stands in the next block, and its application is told', async t => {
  const { engine, application } = await restingChain()
  const rpc = await startRpc({ engine, application, host: '127.0.0.1', port: 0, corsOrigins: [] })
  t.after(async () => {
    await rpc.close()
    await engine.stop()
  })
  const honest = createRpcProvider(rpc.url)
  const height = engine.newest().height
  const forged = fork(engine.chain.lightBlock(height)!)
  const liar: LightProvider = {
    ...honest,
    label: 'liar',
    lightBlock: async (asked, options) =>
      asked === 'latest' || asked === height ? forged : honest.lightBlock(asked, options),
    reportEvidence: async () => {
      throw new VerifyError('unavailable', 'a liar keeps silent')
    },
  }
  const first = engine.chain.block(1n)!
  const client = new LightClient({
    chainId: 'test-chain',
    trustRoot: { height: 1n, hash: first.blockId.hash },
    trustingPeriodNs: 3_600n * nanosPerSecond,
    primary: liar,
    witnesses: [honest],
    crypto,
  })
  const error = await refusal(client.verifyAtHeight('latest'))
  assert.equal(error.code, 'conflicting-headers')
  await reached(engine, height + 2n)

  const stored = engine.chain.block(height + 1n)!
  assert.equal(stored.block.evidence.length, 1)
  const found = stored.block.evidence[0] as LightClientAttackEvidence
  assert.deepEqual(headerHash(found.conflictingBlock.header, crypto), headerHash(forged.header, crypto))
  assert.deepEqual(
    found.byzantineValidators.map(({ address }) => address),
    [signer.address],
  )
  const served = await (await fetch(`${rpc.url}/block?height=${height + 1n}`)).json()
  const block = parseBlock(served.result.block)
  assert.deepEqual(evidenceHash(block.evidence, crypto), block.header.evidenceHash)
  assert.equal(served.result.block_id.hash, formatHex(headerHash(block.header, crypto)).toUpperCase())
  await verifyChain('test-chain', fullBlocks(engine), crypto)
  const key = encodeUtf8('misbehavior')
  const recorded = application.query({ path: '/store/state/key', key, height: 0n, prove: true })
  assert.equal(new TextDecoder().decode(recorded.value), `light-client-attack at ${found.commonHeight};`)
  await client.reportEvidence()
  const label = `${rpc.url}/`
  const [told, ...others] = await client.contradictions()
  assert.equal(others.length, 0)
  const sides = [
    { height, hash: headerHash(forged.header, crypto), source: 'liar' },
    { height, hash: engine.chain.block(height)!.blockId.hash, source: label },
  ]
  assert.deepEqual(
    told!.blocks.toSorted((a, b) => (a.source > b.source ? -1 : 1)),
    sides,
  )
  assert.deepEqual([told!.kind, told!.signedBoth], ['lunatic', [signer.address]])
  assert.deepEqual([told!.sentTo.toSorted(), told!.takenBy], [[label, 'liar'], [label]])
})

test('two votes of one round, a block signed twice and a block that cannot follow are each recorded once', async () => {
  const { engine, disk, genesis } = await restingChain()
  const [trusted, newest] = [engine.chain.lightBlock(3n)!, engine.newest().height]
  const kinds = [
    twoVotes(engine),
    twoVotes(engine, { type: SignedMessageType.prevote }),
    attackAt(engine, 3n),
    attackAt(engine, 3n, twin(trusted)),
    // Higher than the chain, and not later: the time of a chain goes forward.
    attackEvidence({
      common: trusted,
      trusted: engine.chain.lightBlock(newest)!,
      conflicting: fork(engine.chain.lightBlock(newest)!, 1, {
        header: { height: newest + 50n, time: engine.newest().time },
      }),
    }).evidence,
  ]
  for (const evidence of kinds) assert.deepEqual(await engine.report(evidence), evidenceId(evidence, crypto))
  await reached(engine, newest + 1n)
  for (const evidence of kinds) await engine.report(evidence)
  await engine.submit(encodeUtf8('c=3'))
  // In one block or in the next, as they came.
  for (let height = newest + 4n; engine.status().poolEvidence > 0; height++) await reached(engine, height)
  await engine.stop()
  const found = fullBlocks(engine).flatMap(({ block }) =>
    block.evidence.map(each => formatHex(evidenceId(each, crypto))),
  )
  assert.deepEqual(found.toSorted(), kinds.map(each => formatHex(evidenceId(each, crypto))).toSorted())
  await verifyChain('test-chain', fullBlocks(engine), crypto)
  const { engine: again } = await startTestChain(memoryDatabase(disk), { genesis })
  assert.equal(again.status().poolEvidence, 0, 'and it waits no more after a restart')
  await again.stop()
})

test('a peer’s question brings evidence too, and is told why it is refused', async t => {
  const { engine, application } = await restingChain({ holds: true })
  const provider = createLocalProvider({
    engine,
    application: application as LedgerApplication,
    witnessedHead: () => undefined,
  })
  const rpc = await startRpc({ engine, application, provider, host: '127.0.0.1', port: 0, corsOrigins: [] })
  t.after(async () => {
    await rpc.close()
    await engine.stop()
  })
  const peer = createNodeProvider(rpc.url)
  await peer.reportEvidence(attackAt(engine, 3n))
  assert.equal(engine.status().poolEvidence, 1)
  // Who lies may make his set long, so that nobody can carry the evidence.
  const trusted = engine.chain.lightBlock(4n)!
  const validatorSet = longSet(trusted, 999)
  const long = attackAt(engine, 4n, fork(trusted, 1, { validatorSet }))
  await peer.reportEvidence(long)
  assert.equal(engine.status().poolEvidence, 2)
  const before = engine.chain.lightBlock(2n)!
  const asJson = attackAt(engine, 2n, fork(before, 1, { validatorSet: longSet(before, 500) }))
  await createRpcProvider(rpc.url).reportEvidence(asJson)
  assert.equal(engine.status().poolEvidence, 3)
  const { code, message } = await refusal(peer.reportEvidence({ ...twoVotes(engine), validatorPower: 9n }))
  assert.equal(code, 'refused')
  assert.match(message, /another power/)
})

test('one deed told in other words is one deed', async () => {
  const { engine } = await restingChain({ holds: true })
  const conflicting = fork(engine.chain.lightBlock(4n)!)
  const [votes, attack] = [twoVotes(engine), attackAt(engine, 4n, conflicting)]
  await engine.report(votes)
  await engine.report(attack)
  assert.equal(engine.status().poolEvidence, 2)
  await engine.report({ ...votes, voteB: { ...votes.voteB, validatorIndex: 7 } })
  await engine.report(twoVotes(engine, { timestamp: addSeconds(engine.newest().time, 5) }))
  const { evidence: deeper } = attackEvidence({
    common: engine.chain.lightBlock(1n)!,
    trusted: engine.chain.lightBlock(4n)!,
    conflicting,
  })
  assert.notDeepEqual(evidenceId(deeper, crypto), evidenceId(attack, crypto))
  await engine.report(deeper)
  assert.equal(engine.status().poolEvidence, 2)
  await engine.stop()
})

test('what is not so is refused, each with its reason, and nothing of it is kept', async () => {
  const { engine } = await restingChain({ holds: true })
  const trusted = engine.chain.lightBlock(3n)!
  const [attack, votes] = [attackAt(engine, 3n), twoVotes(engine)]
  const other = testKey('stranger')
  const unsigned = fork(trusted, 1, { sign: (_, message) => other.sign(message) })
  const stranger = { ...trusted.validatorSet.validators[0]!, publicKey: other.publicKey, address: other.address }
  const changedVote = (change: Partial<SignedVote>) => ({ ...votes, voteB: { ...votes.voteB, ...change } })
  const conflictingBlock = attack.conflictingBlock
  const ahead = { header: { height: 60n, time: addSeconds(engine.newest().time, 1) } }
  for (const [reason, evidence] of [
    [
      /the chain’s own/,
      { ...attack, conflictingBlock: { ...conflictingBlock, ...trusted, validatorSet: conflictingBlock.validatorSet } },
    ],
    [/signature is wrong/, attackAt(engine, 3n, unsigned)],
    [/accuses nobody/, attackAt(engine, 3n, fork(trusted, 0, { header: { dataHash: new Uint8Array(32) }, round: 1 }))],
    [/accuses nobody/, { ...attack, byzantineValidators: [] }],
    [/accuses others/, { ...attack, byzantineValidators: [stranger] }],
    [
      /accuses others/,
      { ...attack, byzantineValidators: [{ ...attack.byzantineValidators[0]!, publicKey: other.publicKey }] },
    ],
    [/another power/, { ...attack, totalVotingPower: 11n }],
    [/another time/, { ...attack, timestamp: addSeconds(attack.timestamp, 1) }],
    [
      /no block at the height/,
      { ...attack, commonHeight: 99n, conflictingBlock: fork(trusted, 1, { header: { height: 100n } }) },
    ],
    [/common height is above/, { ...attack, commonHeight: 4n }],
    [/cannot follow/, { ...attack, commonHeight: 3n, timestamp: trusted.header.time }],
    [/not come so far/, attackEvidence({ common: trusted, trusted, conflicting: fork(trusted, 1, ahead) }).evidence],
    [
      /without a proposer/,
      { ...attack, conflictingBlock: { ...conflictingBlock, validatorSet: trusted.validatorSet } },
    ],
    [/one block, or out of order/, { ...votes, voteA: votes.voteB, voteB: votes.voteA }],
    [/not of one height/, changedVote({ round: 1 })],
    [/two validators/, changedVote({ validatorAddress: other.address })],
    [/no validator/, twoVotes(engine, {}, 'stranger')],
    [/another power/, { ...votes, validatorPower: 9n }],
    [/signature is wrong/, changedVote({ timestamp: addSeconds(votes.timestamp, 1) })],
    [/an extension/, { ...votes, voteA: { ...votes.voteA, extension: new Uint8Array(1) } }],
    [
      /no block at the height/,
      { ...votes, voteA: { ...votes.voteA, height: 99n }, voteB: { ...votes.voteB, height: 99n } },
    ],
  ] as const) {
    const { code, message } = await refusal(engine.report(evidence))
    assert.match(message, reason)
    assert.equal(code, 'refused')
  }
  assert.equal(engine.status().poolEvidence, 0)
  await engine.stop()
})

test('evidence older than both ages is refused, and what grows too old while it waits is dropped from the disk', async () => {
  const genesis = testGenesis()
  const evidence = { ...genesis.evidence, maxAgeBlocks: 5n, maxAgeNs: 1n }
  const { engine, disk } = await restingChain({ genesis: { ...genesis, evidence } })
  const old = attackAt(engine, 2n)
  while (engine.newest().height < 8n) {
    await engine.submit(encodeUtf8(`key ${engine.newest().height}=1`))
    await reached(engine, engine.newest().height + 2n)
  }
  assert.match((await refusal(engine.report(old))).message, /older than/)
  await engine.stop()
  const patient = await startTestChain(memoryDatabase(disk), {
    genesis: { ...genesis, evidence: { ...evidence, maxAgeBlocks: 100n } },
    heartbeatMs: 600_000,
    blockIntervalMs: 600_000,
  })
  await patient.engine.submit(encodeUtf8('full=1'))
  await resting(patient.engine)
  await patient.engine.report(old)
  await patient.engine.stop()
  const again = await startTestChain(memoryDatabase(disk), { genesis: { ...genesis, evidence } })
  assert.equal(again.engine.status().poolEvidence, 1)
  await reached(again.engine, patient.engine.newest().height + 2n)
  assert.equal(again.engine.status().poolEvidence, 0)
  await again.engine.stop()
  assert.ok(fullBlocks(again.engine).every(({ block }) => block.evidence.length === 0))
})

test('a chain whose genesis file allows no evidence says so', async () => {
  const genesis = testGenesis()
  const { engine } = await restingChain({ genesis: { ...genesis, evidence: { ...genesis.evidence, bytesMax: 0n } } })
  assert.equal((await refusal(engine.report(twoVotes(engine)))).code, 'unavailable')
  await engine.stop()
})

test('the pool is bounded, and its blocks carry no more than the chain allows', async () => {
  const genesis = testGenesis()
  const { engine, disk } = await restingChain({
    genesis: { ...genesis, evidence: { ...genesis.evidence, bytesMax: 4_000n } },
    holds: true,
  })
  for (let round = 0; round < evidencePoolMax; round++) await engine.report(twoVotes(engine, { round }))
  assert.equal((await refusal(engine.report(twoVotes(engine, { round: evidencePoolMax })))).code, 'limited')
  const many = Array.from({ length: 40 }, (_, round) => engine.report(twoVotes(engine, { round })).catch(e => e.code))
  assert.ok((await Promise.all(many)).includes('limited'))
  const { height } = engine.newest()
  await engine.stop()
  const { engine: again } = await startTestChain(memoryDatabase(disk), {
    genesis: { ...genesis, evidence: { ...genesis.evidence, bytesMax: 4_000n } },
  })
  while (again.status().poolEvidence > 0) await reached(again, again.newest().height + 1n)
  await again.stop()
  const lists = fullBlocks(again).map(({ block }) => block.evidence)
  assert.equal(lists.flat().length, evidencePoolMax)
  assert.ok(lists.every(list => evidenceBytes(list) <= 4_000))
  assert.ok(again.newest().height > height)
  await verifyChain('test-chain', fullBlocks(again), crypto)
})

test('evidence takes its place in a block before transactions do', async () => {
  const plan = { blockBytesMax: blockBytesMin }
  const { engine, disk, genesis } = await restingChain({ genesis: testGenesis(plan), holds: true })
  const trusted = engine.chain.lightBlock(4n)!
  const validatorSet = longSet(trusted, 250)
  const evidence = attackAt(engine, 4n, fork(trusted, 1, { validatorSet }))
  assert.ok(evidenceBytes([evidence]) > 20_000)
  await engine.report(evidence)
  await engine.stop()
  // Started anew, it finds evidence and transactions for one block.
  const { engine: again } = await startTestChain(memoryDatabase(disk), { genesis, blockIntervalMs: 5 })
  const texts = Array.from({ length: 12 }, (_, i) => `big ${i}=${'x'.repeat(10_000)}`)
  await Promise.all(texts.map(text => again.submit(encodeUtf8(text))))
  while (again.status().poolTransactions + again.status().poolEvidence > 0) {
    await reached(again, again.newest().height + 1n)
  }
  await again.stop()
  const sizes = fullBlocks(again).map((_, index) => again.chain.block(BigInt(index + 1))!.size)
  assert.ok(Math.max(...sizes) <= blockBytesMin, String(sizes))
  const both = fullBlocks(again).filter(({ block }) => block.evidence.length > 0 && block.txs.length > 0)
  assert.equal(both.length, 1)
  await verifyChain('test-chain', fullBlocks(again), crypto)
})

test('a block with evidence is replayed as it was made, when the application lost it', async () => {
  const { engine, disk, genesis } = await restingChain()
  const before = new Map(disk)
  await engine.report(attackAt(engine, 3n))
  await reached(engine, engine.newest().height + 2n)
  await engine.stop()
  // The ledger's own part of the disk from before, under the chain of now: as after an upgrade that builds it anew.
  const isOwn = (name: string): boolean =>
    /^(10|11|12|13|20)/.test(name) || name === `00${formatHex(encodeUtf8('ledger'))}`
  const mixed = new Map([...disk].filter(([name]) => !isOwn(name)))
  for (const [name, entry] of before) if (isOwn(name)) mixed.set(name, entry)
  const again = await startTestChain(memoryDatabase(mixed), { genesis, heartbeatMs: 600_000 })
  assert.deepEqual(again.engine.newest().appHash, engine.newest().appHash)
  await again.engine.stop()
})

test('evidence that was acknowledged outlives kill -9 before its block', { timeout: 60_000 }, async t => {
  const folder = await mkdtemp(join(tmpdir(), 'muniment-evidence-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const timeMs = Date.now()
  const script = fileURLToPath(new URL('../../../test/kill-node.ts', import.meta.url))
  const args = ['--conditions=source', script, folder, String(timeMs), '600000']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = new Promise(resolve => child.once('close', resolve))
  t.after(() => child.kill('SIGKILL'))
  const url = await new Promise<string>(resolve => child.stdout.once('data', chunk => resolve(String(chunk).trim())))
  const call = async (method: string, params: object) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    return (await fetch(url, { method: 'POST', body })).json()
  }
  const provider = createRpcProvider(url)
  // After a full block the next one would come in ten minutes.
  const { result: sent } = await call('broadcast_tx_sync', { tx: formatBase64(encodeUtf8('a=1')) })
  const isIn = async (): Promise<boolean> =>
    (await call('tx', { hash: formatBase64(parseHex(sent.hash.toLowerCase())) })).result !== undefined
  while (!(await isIn())) await new Promise(resolve => setTimeout(resolve, 20))
  while ((await provider.lightBlock('latest')).header.height < 4n) await new Promise(resolve => setTimeout(resolve, 20))
  const [common, trusted] = [await provider.lightBlock(2n), await provider.lightBlock(3n)]
  const { evidence } = attackEvidence({ common, trusted, conflicting: fork(trusted) })
  const { result } = await call('broadcast_evidence', { evidence: formatEvidence(evidence) })
  assert.equal(result.hash, formatBase64(evidenceId(evidence, crypto)))
  child.kill('SIGKILL')
  await gone
  const database = await openDatabase(join(folder, 'data'))
  const { engine } = await startTestChain(database, { genesis: testGenesis({ timeMs }) })
  assert.equal(engine.status().poolEvidence, 1)
  await reached(engine, engine.newest().height + 2n)
  await engine.stop()
  const found = fullBlocks(engine).flatMap(({ block }) => block.evidence)
  assert.deepEqual(found, [evidence])
  await verifyChain('test-chain', fullBlocks(engine), crypto)
  await database.close()
})

test('whatever evidence says, a node answers with a typed error, and keeps only what is true', async t => {
  const { engine, application } = await restingChain({ holds: true })
  const rpc = await startRpc({ engine, application, host: '127.0.0.1', port: 0, corsOrigins: [] })
  t.after(async () => {
    await rpc.close()
    await engine.stop()
  })
  const [attack, votes] = [attackAt(engine, 3n), twoVotes(engine)]
  const reported = async (encoded: Uint8Array): Promise<void> => {
    const read = readOrRefused(() => ({ evidence: evidenceMessage.decode(encoded) }))
    if (read === undefined) return
    await engine.report(read.evidence).catch(error => assert.ok(error instanceof VerifyError, error.stack))
  }
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(attack, votes), changes, (evidence, list) =>
      reported(changeBytes(evidenceMessage.encode(evidence), list)),
    ),
    { numRuns: 400 },
  )
  const text = [attack, votes].map(each => JSON.stringify(formatEvidence(each)))
  const member = fc.constantFrom(...new Set(text.join().match(/"\w+":/g)))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...text), member, fc.jsonValue({ maxDepth: 2 }), async (whole, name, value) => {
      const json = JSON.parse(whole, (key, old) => (`"${key}":` === name ? value : old))
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'broadcast_evidence', params: { evidence: json } })
      const answer = await (await fetch(rpc.url, { method: 'POST', body })).json()
      if (answer.error) assert.notEqual(answer.error.data, 'an unexpected error', body)
    }),
    { numRuns: 150 },
  )
  assert.ok(engine.status().poolEvidence <= 2)
  const query = `evidence=${encodeURIComponent(text[0]!)}`
  assert.ok(parseJson(await (await fetch(`${rpc.url}/broadcast_evidence?${query}`)).text()))
})
