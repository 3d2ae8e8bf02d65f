// Audits of chains whose log is honest, whose log has a leaf that lies, and of nodes that lie about either.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import {
  type ExistenceProof,
  equals,
  existenceProof,
  existenceRoot,
  formatCheckpointNote,
  formatNoteKey,
  genesisFileHash,
  headerHash,
  isObject,
  type Json,
  type JsonObject,
  lightBlockFromRpcJson,
  loadCrypto,
  merkleLeafHash,
  parseBase64,
  type TrustRoot,
  timeFromMilliseconds,
  verifyInclusion,
  verifyNamed,
} from '@muniment/sdk'
import { reached, startTestChain, testGenesis } from '../../../test/test-chain.ts'
import { createHistoryLog } from '../cosign/log.ts'
import { nodeHasher, sha256 } from '../hasher.ts'
import type { LedgerApplication } from '../ledger/ledger-application.ts'
import { createLocalProvider } from '../local-provider.ts'
import { noteSignerOf } from '../note-key.ts'
import { startRpc } from '../rpc/server.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { type Audit, auditHistory } from './audit.ts'

const crypto = await loadCrypto()
const closing: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closing.reverse()) await close()
})

type TestNode = { readonly url: string; readonly root: TrustRoot; readonly height: bigint }

/** A chain of some blocks, at rest. Its log has another leaf than the block's hash at each of the heights. */
async function startChain(blocks: bigint, lies: readonly bigint[] = []): Promise<TestNode> {
  const database = memoryDatabase(newDisk())
  const genesis = testGenesis()
  const { engine, application } = await startTestChain(database, {
    genesis,
    wrap: honest => ({
      ...honest,
      finalizeBlock: request =>
        honest.finalizeBlock(lies.includes(request.height) ? { ...request, hash: sha256(request.hash) } : request),
    }),
  })
  await reached(engine, blocks)
  await engine.stop()
  const height = engine.newest().height
  const chain = { chainId: genesis.chainId, genesisHash: genesisFileHash(genesis.json, nodeHasher) }
  const log = createHistoryLog({ database, chain, signer: noteSignerOf(sha256()) })
  const ledger = application as LedgerApplication
  const rpc = await startRpc({
    engine,
    application: ledger,
    provider: createLocalProvider({ engine, application: ledger, witnessedHead: () => undefined }),
    log: {
      origin: log.origin,
      key: formatNoteKey(log.key, nodeHasher),
      checkpoint: () => formatCheckpointNote(log.note(height + 1n)),
    },
    host: '127.0.0.1',
    port: 0,
    corsOrigins: [],
  })
  closing.push(rpc.close)
  const root: TrustRoot = {
    ...chain,
    checkpointKeys: { k: 1, keys: [sha256()] },
    witnesses: { k: 0, keys: [] },
    trustLevel: { numerator: 2n, denominator: 3n },
    trustingPeriodSeconds: 86_400,
  }
  return { url: rpc.url, root, height }
}

function auditOf({ url, root }: Pick<TestNode, 'url' | 'root'>, progress: bigint[] = []): Promise<Audit> {
  const now = (): ReturnType<typeof timeFromMilliseconds> => timeFromMilliseconds(Date.now())
  return auditHistory({ root, node: url, crypto, now, onProgress: compared => progress.push(compared) })
}

/** What the node answers to one of its RPC's methods, changed on its way. */
async function lyingAbout(node: TestNode, method: string, alter: (result: JsonObject) => Json): Promise<TestNode> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = request.method === 'POST' ? { method: 'POST', body: Buffer.concat(chunks) } : {}
    const answer = await fetch(`${node.url}${request.url}`, body)
    const bytes = Buffer.from(await answer.arrayBuffer())
    response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type')! })
    if (!request.url!.startsWith(`/${method}`)) return response.end(bytes)
    const told = JSON.parse(bytes.toString()) as { result: JsonObject }
    response.end(JSON.stringify({ ...told, result: alter(told.result) }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  closing.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return { ...node, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('an honest log agrees with its chain, leaf by leaf', async () => {
  const node = await startChain(50n)
  const progress: bigint[] = []
  const audit = await auditOf(node, progress)
  assert.equal(audit.kind, 'agrees')
  if (audit.kind !== 'agrees') return
  assert.equal(audit.head.header.height, node.height)
  assert.equal(audit.leaves, node.height)
  assert.equal(audit.checkpointSize, node.height + 1n)
  assert.deepEqual(progress.slice(0, 2), [20n, 40n])
  assert.equal(progress.at(-1), node.height - 1n)
})

test('a chain of two blocks is audited too', async () => {
  assert.equal((await auditOf(await startChain(2n))).kind, 'agrees')
})

/** What anyone can check who is handed the file, and knows who signs for the chain. */
async function checkLeafEvidence(evidence: Json, { root }: TestNode): Promise<bigint> {
  assert.ok(isObject(evidence))
  const text = (name: string): string => String(evidence[name])
  assert.equal(text('kind'), 'leaf')
  const head = lightBlockFromRpcJson(evidence.head)
  const signed = { chainId: root.chainId, untrusted: head, headerHash: headerHash(head.header, crypto) }
  assert.equal((await verifyNamed(signed, crypto)).kind, 'verified')
  const store: ExistenceProof = existenceProof.decode(parseBase64(text('store')))
  assert.deepEqual(existenceRoot(store, crypto), head.header.appHash)
  const index = BigInt(text('index'))
  const proof = (evidence.inclusion as string[]).map(parseBase64)
  const leafHash = parseBase64(text('logLeafHash'))
  const inclusion = { leafHash, index, size: head.header.height, proof, root: store.value }
  assert.equal(verifyInclusion(inclusion, crypto).kind, 'verified')
  const block = lightBlockFromRpcJson(evidence.block)
  assert.equal(block.header.height, index)
  const blockHash = headerHash(block.header, crypto)
  const own = { chainId: root.chainId, untrusted: block, headerHash: blockHash }
  assert.equal((await verifyNamed(own, crypto)).kind, 'verified')
  assert.ok(!equals(merkleLeafHash(blockHash, crypto), leafHash))
  return index
}

test('a leaf that lies is found, wherever it stands, with evidence that stands for itself', async () => {
  for (const lie of [1n, 2n, 7n, 8n, 15n, 16n, 19n]) {
    const node = await startChain(20n, [lie])
    const audit = await auditOf(node)
    assert.equal(audit.kind, 'contradicts')
    if (audit.kind !== 'contradicts') return
    assert.match(audit.sentence, new RegExp(`^Leaf ${lie} of the history log is not the hash of block ${lie};`))
    assert.equal(await checkLeafEvidence(audit.evidence, node), lie)
  }
})

test('the very last leaf under the head too, on a log of any length', async () => {
  for (const blocks of [3n, 4n, 5n, 6n, 8n, 9n, 13n]) {
    const every = Array.from({ length: 400 }, (_, index) => BigInt(index) + blocks - 1n)
    const node = await startChain(blocks, every)
    const audit = await auditOf(node)
    assert.equal(audit.kind, 'contradicts')
    if (audit.kind === 'contradicts') assert.equal(await checkLeafEvidence(audit.evidence, node), blocks - 1n)
  }
})

test('of several the first is told', async () => {
  const node = await startChain(30n, [23n, 11n, 12n])
  const audit = await auditOf(node)
  assert.match(audit.kind === 'contradicts' ? audit.sentence : '', /^Leaf 11 /)
})

test('a node that serves blocks which do not belong together is a contradiction', async () => {
  const honest = await startChain(30n)
  const liar = await lyingAbout(honest, 'blockchain', result => ({
    ...result,
    block_metas: (result.block_metas as JsonObject[]).map(meta => {
      const header = meta.header as JsonObject
      return header.height === '9' ? { ...meta, header: { ...header, app_hash: 'AB'.repeat(32) } } : meta
    }),
  }))
  const audit = await auditOf(liar)
  assert.equal(audit.kind, 'contradicts')
  if (audit.kind !== 'contradicts') return
  assert.match(audit.sentence, /^Block 10 names [0-9a-f]{64} as the one before it, and the node serves another/)
  assert.equal((audit.evidence as JsonObject).kind, 'link')
})

test('a checkpoint of the log that is not of the blocks is a contradiction', async () => {
  const node = await startChain(10n)
  const other = await startChain(10n, [5n])
  const origin = (result: JsonObject): string => String(result.checkpoint).split('\n')[0]!
  const foreign = (await (await fetch(`${other.url}/history_log`)).json()) as { result: JsonObject }
  const liar = await lyingAbout(node, 'history_log', result => {
    const [, , root, ...rest] = String(foreign.result.checkpoint).split('\n')
    return { ...result, checkpoint: [origin(result), String(node.height + 1n), root, ...rest].join('\n') }
  })
  const audit = await auditOf(liar)
  assert.match(audit.kind === 'contradicts' ? audit.sentence : '', /newest checkpoint of the log is not of the blocks/)
  const elsewhere = await lyingAbout(node, 'history_log', () => foreign.result)
  await assert.rejects(auditOf(elsewhere), /another log/)
})

test('a node that leaves out blocks, answers nonsense, or nothing, is not audited', async () => {
  const node = await startChain(30n)
  const skipping = await lyingAbout(node, 'blockchain', result => ({
    ...result,
    block_metas: (result.block_metas as Json[]).toSpliced(3, 1),
  }))
  await assert.rejects(auditOf(skipping), { name: 'VerifyError', code: 'wrong-height' })
  for (const metas of [[], 'x', [null], [{}], null]) {
    const liar = await lyingAbout(node, 'blockchain', result => ({ ...result, block_metas: metas as Json }))
    await assert.rejects(auditOf(liar), { name: 'VerifyError' }, JSON.stringify(metas))
  }
  const other = await lyingAbout(node, 'genesis', () => ({ genesis: testGenesis({ timeMs: 0 }).json }))
  await assert.rejects(auditOf(other), { name: 'VerifyError', code: 'wrong-chain' })
  await assert.rejects(auditOf({ ...node, url: 'http://127.0.0.1:1' }), { name: 'VerifyError', code: 'unavailable' })
})
