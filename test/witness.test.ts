// A node and its witnesses in processes of their own: heads are cosigned, a witness goes and comes back, a backup is put back,
// and a chain is forked with its own keys.

import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  formatCheckpointNote,
  loadCrypto,
  logSignature,
  type NoteBody,
  noteSignBytes,
  parseCheckpointNote,
  parseNoteKey,
  parseNoteSignatures,
  type TrustRoot,
  type Witness,
} from '@muniment/sdk'
import { createHistoryLog } from '../node/src/cosign/log.ts'
import { loadNoteKey } from '../node/src/note-key.ts'
import { openDatabase } from '../node/src/storage/database.ts'
import { formatAddCheckpoint } from '../node/src/witness/request.ts'
import {
  checkpointWhere,
  killAll,
  makeBlocks,
  makeHome,
  type Running,
  readCheckpoint,
  readStatus,
  startMuniment,
  startNodeProcess,
  startWitnessProcess,
  witnessOf,
} from './witness-network.ts'

const crypto = await loadCrypto()
let folder = ''
let root: TrustRoot
let rpcPort = 0
let rpc = ''
let node: Running
let witnesses: Running[] = []
let keys: readonly Witness[] = []
const path = (name: string): string => join(folder, name)

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muniment-witness-'))
  root = await makeHome(folder)
  rpcPort = await freePort()
  rpc = `http://127.0.0.1:${rpcPort}`
  witnesses = await Promise.all(['one', 'two'].map(name => startWitnessProcess(folder, { name, rpcPort })))
  keys = witnesses.map((witness, index) => witnessOf(`Office ${index + 1}`, witness))
  node = await startNode()
})
after(async () => {
  await killAll()
  rmSync(folder, { recursive: true })
})

function startNode(home = 'home'): Promise<Running> {
  return startNodeProcess(path(home), { rpcPort, witnesses: witnesses.map(witness => witness.value('Witness')) })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

const both = ['Office 1', 'Office 2']

test('each new head is cosigned by both witnesses, and their keys are for their owner alone', async () => {
  for (let round = 0; round < 3; round++) {
    const height = await makeBlocks(rpc, root)
    const checkpoint = await checkpointWhere(rpc, keys, ({ size, names }) => size > height && names.length === 2)
    assert.deepEqual(checkpoint.names, both)
  }
  for (const file of ['one/witness_key.json', 'two/witness_key.json', 'home/config/log_key.json'])
    assert.equal(statSync(path(file)).mode & 0o777, 0o600, file)
  assert.equal(parseNoteKey(witnesses[0]!.value('Key'), crypto).type, 4)
  assert.ok(!/seed|secret/.test(witnesses[0]!.told() + node.told()))
})

test('one witness stops: heads go on with one cosignature, and with two once it is back', async () => {
  const { port } = new URL(witnesses[1]!.value('Witness'))
  await witnesses[1]!.stop()
  const height = await makeBlocks(rpc, root)
  const alone = await checkpointWhere(rpc, keys, ({ size, names }) => size > height && names.length > 0)
  assert.deepEqual(alone.names, ['Office 1'])
  assert.match(node.told(), new RegExp(`The witness http://127.0.0.1:${port} does not cosign: there was no answer\\.`))
  witnesses[1] = await startWitnessProcess(folder, { name: 'two', rpcPort, port: Number(port) })
  assert.equal(witnessOf('', witnesses[1]).key.join(), keys[1]!.key.join())
  const later = await makeBlocks(rpc, root)
  await checkpointWhere(rpc, keys, ({ size, names }) => size > later && names.length === 2)
  assert.match(node.told(), new RegExp(`The witness http://127.0.0.1:${port} cosigns again\\.`))
})

test('a node that is killed goes on with its witnesses, and kept the newest cosigned head', async () => {
  const height = await makeBlocks(rpc, root)
  const before = await checkpointWhere(rpc, keys, ({ size, names }) => size > height && names.length === 2)
  await node.kill()
  const kept = readFileSync(path('home/data/witnessed_head.txt'), 'utf8')
  assert.ok(parseCheckpointNote(kept).size <= before.size)
  node = await startNode()
  const again = await readCheckpoint(rpc, keys)
  assert.deepEqual(again.names, both)
  const later = await makeBlocks(rpc, root)
  await checkpointWhere(rpc, keys, ({ size, names }) => size > later && names.length === 2)
})

test('a witness’s home serves one process, and is refused when its memory is lost', async () => {
  await assert.rejects(startWitnessProcess(folder, { name: 'one', rpcPort }), /Another process is using/)
  const copy = path('copy')
  cpSync(path('one/witness_key.json'), join(copy, 'witness_key.json'))
  await assert.rejects(startWitnessProcess(folder, { name: 'copy', rpcPort }), /lost its memory.*begin with a new home/)
  const bare = ['witness', '--home', path('bare'), '--node', rpc]
  await assert.rejects(startMuniment(bare, 'Witness'), /--root is missing/)
  const wrong = [...bare, '--root', path('trust-root.json')]
  await assert.rejects(startMuniment([...wrong, '--name', 'a b'], 'Witness'), /a b is no name of a key/)
  await assert.rejects(startMuniment([...wrong, '--log-key', 'x+1+y'], 'Witness'), /x\+1\+y is no key of a log/)
  await assert.rejects(startMuniment([...wrong, '--node', 'ftp://x'], 'Witness'), /ftp:\/\/x is no http address/)
})

test('who has the log’s key and no validator’s can’t have a tree cosigned', async () => {
  const signer = await loadNoteKey(path('home/config/log_key.json'))
  const newcomer = await startWitnessProcess(folder, { name: 'three', rpcPort })
  const { size, text } = await readCheckpoint(rpc, keys)
  const { origin, root: trueRoot } = parseCheckpointNote(text)
  const post = async (change: Partial<NoteBody>): Promise<Response> => {
    const body = { origin, size, root: trueRoot, extensions: [], ...change }
    const key = { name: origin, type: 1, key: signer.publicKey } as const
    const note = { ...body, signatures: [logSignature(key, signer.sign(noteSignBytes(body)), crypto)] }
    const request = formatAddCheckpoint({ oldSize: 0n, proof: [], note })
    return fetch(`${newcomer.value('Witness')}/add-checkpoint`, { method: 'POST', body: request })
  }
  const forged = await post({ root: crypto.sha256() })
  assert.deepEqual(
    [forged.status, await forged.text()],
    [403, 'the block is not confirmed: the proof leads to another root\n'],
  )
  assert.equal((await post({ size: size - 1n })).status, 403)
  assert.equal((await post({ size: size + 1_000n })).status, 503)
  assert.equal((await post({ size: 1n })).status, 503)
  assert.equal((await post({ size: 0n })).status, 503)
  assert.equal((await readStatus(newcomer)).size, '0')
  const honest = await post({})
  assert.equal(honest.status, 200)
  assert.equal(parseNoteSignatures(await honest.text()).length, 1)
  await newcomer.stop()
})

test('a backup that is put back may not sign: its witnesses know more', async () => {
  await node.stop()
  cpSync(path('home'), path('backup'), { recursive: true })
  node = await startNode()
  const height = await makeBlocks(rpc, root)
  await checkpointWhere(rpc, keys, ({ size, names }) => size > height && names.length === 2)
  await node.stop()
  cpSync(path('backup'), path('restored'), { recursive: true })
  await assert.rejects(
    startNode('restored'),
    /^Error: The witness http:.* knows block \d+ of this chain and the store ends at \d+: it lost blocks or is an old backup\.$/m,
  )
  // One that answers is enough.
  await witnesses[0]!.stop()
  await assert.rejects(startNode('restored'), /knows block \d+ of this chain/)
  const { port } = new URL(witnesses[0]!.value('Witness'))
  witnesses[0] = await startWitnessProcess(folder, { name: 'one', rpcPort, port: Number(port) })
  // The true home goes on.
  node = await startNode()
  const later = await makeBlocks(rpc, root)
  await checkpointWhere(rpc, keys, ({ size, names }) => size > later && names.length === 2)
})

test('a chain that is forked with its own keys is refused by both witnesses, and they keep the evidence', async () => {
  // The backup of the test before goes on without asking anybody: another block at a height that is cosigned.
  cpSync(path('backup'), path('fork'), { recursive: true })
  const fork = await startNodeProcess(path('fork'))
  const { size: known } = await readCheckpoint(rpc, keys)
  while ((await readCheckpoint(fork.value('RPC'), [])).size <= known) await makeBlocks(fork.value('RPC'), root)
  await fork.stop()
  await assert.rejects(startNode('fork'), /knows another block \d+ of this chain: another node has gone on with it/)
  // What its node would have sent, had it not been asked at its start.
  const database = await openDatabase(path('fork/data/store'))
  const log = createHistoryLog({ database, chain: root, signer: await loadNoteKey(path('fork/config/log_key.json')) })
  for (const witness of witnesses) {
    const size = BigInt((await readStatus(witness)).size)
    const push = (target: bigint): Promise<Response> => {
      const request = { oldSize: size, proof: log.consistency(size, target), note: log.note(target) }
      const body = formatAddCheckpoint(request)
      return fetch(`${witness.value('Witness')}/add-checkpoint`, { method: 'POST', body })
    }
    const same = await push(size)
    assert.deepEqual([same.status, await same.text()], [409, `${size}\n`])
    assert.equal((await push(size + 1n)).status, 422)
    const { evidence, size: after } = await readStatus(witness)
    assert.equal(after, String(size))
    assert.deepEqual(
      evidence.map(name => name.split('-')[0]),
      ['conflict', 'unproven'],
    )
    assert.match(witness.told(), /The log has signed two trees of one size\. Both are kept in evidence\/conflict-/)
    const home = witness === witnesses[0] ? 'one' : 'two'
    const kept = JSON.parse(readFileSync(path(`${home}/evidence/${evidence[0]}`), 'utf8'))
    const [first, second] = [parseCheckpointNote(kept.known), parseCheckpointNote(kept.offered)]
    assert.equal(first.size, second.size)
    assert.notDeepEqual(first.root, second.root)
    assert.equal(kept.offered, formatCheckpointNote(log.note(size)))
  }
  await database.close()
  assert.ok(existsSync(path('one/evidence')))
  // The true chain is cosigned as before.
  const height = await makeBlocks(rpc, root)
  await checkpointWhere(rpc, keys, ({ size, names }) => size > height && names.length === 2)
})
