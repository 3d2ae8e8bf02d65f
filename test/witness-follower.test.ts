// What a witness believes of the nodes that it follows: nothing that it has not verified from its own trust root.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  addSeconds,
  type CheckpointNote,
  createRpcProvider,
  equals,
  formatCheckpointNote,
  loadCrypto,
  logSignature,
  type NoteKey,
  NoteKeyType,
  noteSignBytes,
  parseCheckpointNote,
  type SignedCheckpoint,
  signCheckpoint,
  type TrustRoot,
  timeFromMilliseconds,
} from '@muniment/sdk'
import { loadNoteKey, noteSignerOf } from '../node/src/note-key.ts'
import { formatAddCheckpoint } from '../node/src/witness/request.ts'
import { startWitness, type WitnessOptions } from '../node/src/witness/witness.ts'
import { queryResponse } from '../sdk/src/p2p/messages.ts'
import { checkpointOf } from './signed-checkpoint.ts'
import { signerOf } from './signer.ts'
import { killAll, makeBlocks, makeHome, readCheckpoint, startNodeProcess } from './witness-network.ts'

const crypto = await loadCrypto()
const closing: (() => Promise<void>)[] = []
let folder = ''
let root: TrustRoot
let rpc = ''

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muniment-follower-'))
  root = await makeHome(folder)
  rpc = (await startNodeProcess(join(folder, 'home'))).value('RPC')
  await makeBlocks(rpc, root)
})
after(async () => {
  for (const close of closing) await close()
  await killAll()
  rmSync(folder, { recursive: true })
})

type Told = { readonly status: number; readonly text: string }
type Asking = (note: CheckpointNote, oldSize?: bigint) => Promise<Told>

let homes = 0

/** A new witness, and how to ask it. */
async function witness(given: Partial<WitnessOptions> = {}): Promise<Asking> {
  const { url, stop } = await startWitness({
    home: join(folder, `witness ${homes++}`),
    root,
    nodes: [rpc],
    host: '127.0.0.1',
    port: 0,
    crypto,
    onWarning: () => {},
    onFailure: error => {
      throw error
    },
    ...given,
  })
  closing.push(stop)
  return async (note, oldSize = 0n) => {
    const body = formatAddCheckpoint({ oldSize, proof: [], note })
    const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body })
    return { status: response.status, text: await response.text() }
  }
}

async function newestNote(): Promise<CheckpointNote> {
  return parseCheckpointNote((await readCheckpoint(rpc, [])).text)
}

/** Answers of the node, changed on their way. */
async function lyingNode(alter: (path: string, answer: Buffer) => Uint8Array): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = request.method === 'POST' ? { method: 'POST', body: Buffer.concat(chunks) } : {}
    const answer = await fetch(`${rpc}${request.url}`, body)
    response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type')! })
    response.end(alter(request.url!, Buffer.from(await answer.arrayBuffer())))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  closing.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Response = ReturnType<typeof queryResponse.decode>

function altering(change: (answer: Response) => Partial<Response>): (path: string, answer: Buffer) => Uint8Array {
  return (path, encoded) => {
    if (path !== '/query') return encoded
    const answer = queryResponse.decode(new Uint8Array(encoded))
    return queryResponse.encode({ ...answer, ...change(answer) })
  }
}

type Block = NonNullable<Response['lightBlocks']>['compact'][number]

function alteringBlocks(change: (block: Block) => Partial<Block>): (path: string, answer: Buffer) => Uint8Array {
  return altering(({ lightBlocks }) => ({
    lightBlocks: lightBlocks && {
      ...lightBlocks,
      compact: lightBlocks.compact.map(block => ({ ...block, ...change(block) })),
    },
  }))
}

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => (index === 5 ? byte ^ 1 : byte))
}

test('it follows the chain of its trust root, and no other', async () => {
  const note = await newestNote()
  assert.equal((await (await witness())(note)).status, 200)
  const genesisHash = flipped(root.genesisHash)
  assert.equal((await (await witness({ root: { ...root, genesisHash } }))(note)).status, 404)
  assert.equal((await (await witness({ root: { ...root, chainId: 'test-other' } }))(note)).status, 404)
})

test('a home that served one log serves no other', async () => {
  const home = join(folder, 'bound')
  const options = { home, root, nodes: [rpc], host: '127.0.0.1', port: 0, crypto, onWarning() {}, onFailure() {} }
  await (await startWitness(options)).stop()
  const other = { ...root, genesisHash: flipped(root.genesisHash) }
  await assert.rejects(
    startWitness({ ...options, root: other }),
    /follows another log: muniment\/history\/1\/test-witnessed/,
  )
})

test('by its own clock: a block of two minutes ago or ahead is not cosigned', async () => {
  const note = await newestNote()
  const ahead = await (await witness({ now: () => Date.now() + 120_000 }))(note)
  assert.deepEqual(ahead, {
    status: 403,
    text: 'the block is not confirmed: the block’s time is too far from this clock\n',
  })
  const behind = await (await witness({ now: () => Date.now() - 120_000 }))(note)
  assert.equal(behind.status, 403)
  assert.match(behind.text, /from the future/)
})

test('a node that is silent, or has no such block yet, may be asked later', async () => {
  const note = await newestNote()
  assert.equal((await (await witness({ nodes: ['http://127.0.0.1:1'] }))(note)).status, 503)
  const signer = await loadNoteKey(join(folder, 'home', 'config', 'log_key.json'))
  const key: NoteKey = { name: note.origin, type: NoteKeyType.ed25519, key: signer.publicKey }
  const body = { ...note, size: note.size + 50n }
  const future = { ...body, signatures: [logSignature(key, signer.sign(noteSignBytes(body)), crypto)] }
  assert.equal((await (await witness())(future)).status, 503)
})

test('whatever a node changes in a block, a proof or the genesis, nothing is cosigned by it', async () => {
  const note = await newestNote()
  const lies: Readonly<Record<string, (path: string, answer: Buffer) => Uint8Array>> = {
    genesis: (path, answer) =>
      path === '/genesis' ? Buffer.from(String(answer).replace(/"power":"10"/, '"power":"11"')) : answer,
    'the proof of the last leaf': altering(({ history }) => ({
      history: history && { ...history, inclusion: history.inclusion.map(flipped) },
    })),
    'the proof of the log’s root': altering(({ history }) => ({
      history: history && { ...history, store: { ...history.store, value: flipped(history.store.value) } },
    })),
    'no proof of the last leaf': altering(({ history }) => ({ history: history && { ...history, inclusion: [] } })),
    'the blocks': alteringBlocks(block => ({
      header: { ...block.header, appHash: flipped(block.header.appHash) },
    })),
    'the hash of the blocks': alteringBlocks(block => ({
      blockId: { ...block.blockId, hash: flipped(block.blockId.hash) },
    })),
    'the signatures': alteringBlocks(block => ({
      votes: block.votes.map(vote => ({ ...vote, signature: flipped(vote.signature) })),
    })),
  }
  for (const [name, alter] of Object.entries(lies)) {
    let altered = 0
    const liar = await lyingNode((path, answer) => {
      const told = alter(path, answer)
      if (!equals(told, answer)) altered++
      return told
    })
    const told = await (await witness({ nodes: [liar] }))(note)
    assert.ok([403, 503].includes(told.status), `${name}: ${told.status} ${told.text}`)
    assert.ok(altered > 0, name)
  }
})

test('beside an honest node a lying one does no harm', async () => {
  const liar = await lyingNode(
    altering(({ history }) => ({ history: history && { ...history, inclusion: history.inclusion.map(flipped) } })),
  )
  assert.equal((await (await witness({ nodes: [liar, rpc] }))(await newestNote())).status, 200)
  assert.equal((await (await witness({ nodes: ['http://127.0.0.1:1', rpc] }))(await newestNote())).status, 200)
})

test('past the trusting period it begins at a live checkpoint of the named bodies, or not at all', async () => {
  const short = { ...root, trustingPeriodSeconds: 1 }
  await new Promise(resolve => setTimeout(resolve, 1_500))
  await makeBlocks(rpc, root)
  const checkpoint = await newCheckpoint(short)
  const note = await newestNote()
  const without = await (await witness({ root: short }))(note)
  assert.equal(without.status, 403)
  assert.match(without.text, /older than the trusting period/)
  const others = { ...short, checkpointKeys: { k: 1, keys: [signerOf('somebody').key.bytes] } }
  const foreign = await (await witness({ root: others, checkpoint }))(note)
  assert.equal(foreign.status, 403)
  assert.match(foreign.text, /too few of the named bodies/)
  // Trusting for a second would be over by now; what is shown is that trust begins at the checkpoint's block.
  const long = { ...root, trustingPeriodSeconds: 60 }
  assert.equal((await (await witness({ root: long, checkpoint: await newCheckpoint(long) }))(note)).status, 200)
})

async function newCheckpoint(of: TrustRoot): Promise<SignedCheckpoint> {
  const { header } = await createRpcProvider(rpc).lightBlock('latest')
  const now = timeFromMilliseconds(Date.now())
  const value = checkpointOf(header, of, { hasher: crypto, issuedAt: now, expiresAt: addSeconds(now, 3_600) })
  return signCheckpoint(value, [signerOf('body')])
}

test('the log’s key is the first that a node told, or the one that the operator gave', async () => {
  const note = await newestNote()
  const stranger = noteSignerOf(crypto.sha256())
  const key: NoteKey = { name: note.origin, type: NoteKeyType.ed25519, key: stranger.publicKey }
  const byStranger = { ...note, signatures: [logSignature(key, stranger.sign(noteSignBytes(note)), crypto)] }
  assert.ok(!equals(key.key, (await loadNoteKey(join(folder, 'home', 'config', 'log_key.json'))).publicKey))
  const told = await witness()
  assert.equal((await told(byStranger)).status, 403)
  assert.equal((await told(note)).status, 200)
  const given = await witness({ logKeys: [key] })
  assert.equal((await given(note)).status, 403)
  assert.equal((await given(byStranger)).status, 200)
  assert.equal(formatCheckpointNote({ ...byStranger, signatures: note.signatures }), formatCheckpointNote(note))
})
