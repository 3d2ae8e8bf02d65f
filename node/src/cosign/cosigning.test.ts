// The node's side, against witnesses of the test's own over HTTP: honest ones, and some that fail, lag or lie.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  cosignature,
  cosignatureSignBytes,
  encodeUtf8,
  formatBase64,
  formatNoteSignatures,
  type LightBlock,
  NoteKeyType,
  parseCheckpointNote,
  verifyConsistency,
} from '@muniment/sdk'
import { nodeHasher, sha256 } from '../hasher.ts'
import { HomeError } from '../home-error.ts'
import { noteSignerOf } from '../note-key.ts'
import { type AddCheckpoint, parseAddCheckpoint } from '../witness/request.ts'
import { testLog } from '../witness/test-log.ts'
import { askWitnesses, type Cosigning, createCosigning } from './cosigning.ts'
import type { HistoryLog } from './log.ts'
import { createWitnessClient } from './witness-client.ts'

const folder = mkdtempSync(join(tmpdir(), 'muniment-cosigning-'))
const closing: (() => void)[] = []
after(() => {
  for (const close of closing) close()
  rmSync(folder, { recursive: true })
})

type Told = { readonly status: number; readonly text: string; readonly type?: string }

type TestWitness = {
  readonly url: string
  readonly asked: AddCheckpoint[]
  /** The size and root that it knows. */
  known: { size: bigint; root: Uint8Array }
  /** What it answers in place of its own answer. */
  answer: ((request: AddCheckpoint) => Told | undefined | Promise<Told | undefined>) | undefined
  hasStatus: boolean
}

/** As c2sp.org/tlog-witness says, but without looking at any block. */
async function startTestWitness(name: string, log: HistoryLog): Promise<TestWitness> {
  const signer = noteSignerOf(sha256(encodeUtf8(name)))
  const key = { name, type: NoteKeyType.cosignature, key: signer.publicKey }
  const witness: TestWitness = {
    url: '',
    asked: [],
    known: { size: 0n, root: new Uint8Array(0) },
    answer: undefined,
    hasStatus: true,
  }

  function own({ oldSize, proof, note }: AddCheckpoint): Told {
    const { size: knownSize, root: oldRoot } = witness.known
    if (oldSize !== knownSize) return { status: 409, text: `${knownSize}\n` }
    const { size, root } = note
    const holds = knownSize === 0n || verifyConsistency({ oldSize, oldRoot, size, root, proof }, nodeHasher).kind
    if (holds === 'invalid') return { status: 422, text: 'no proof\n' }
    witness.known = { size, root }
    const time = BigInt(Math.floor(Date.now() / 1_000))
    const signature = signer.sign(cosignatureSignBytes(note, time))
    return { status: 200, text: formatNoteSignatures([cosignature(key, { time, signature }, nodeHasher)]) }
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url === '/status') {
      const { size, root } = witness.known
      const status = { origin: log.origin, size: String(size), root: size > 0n ? formatBase64(root) : null }
      response.writeHead(witness.hasStatus ? 200 : 404, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify(status))
      return
    }
    const asked = parseAddCheckpoint(Buffer.concat(chunks))
    witness.asked.push(asked)
    const { status, text, type = 'text/plain' } = (await witness.answer?.(asked)) ?? own(asked)
    response.writeHead(status, { 'Content-Type': type })
    response.end(text)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(witness, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

type Started = { readonly cosigning: Cosigning; readonly warnings: string[]; readonly file: string }

async function startCosigning(
  log: HistoryLog,
  witnesses: readonly TestWitness[],
  given: { readonly file?: string; readonly size?: bigint } = {},
): Promise<Started> {
  const { file = join(folder, `head-${Math.random()}`), size = 1n } = given
  const warnings: string[] = []
  const cosigning = await createCosigning({
    log,
    clients: witnesses.map(({ url }) => createWitnessClient(url, log)),
    lightBlock: height => ({ header: { height } }) as LightBlock,
    file,
    size,
    onWarning: sentence => warnings.push(sentence),
    onFailure: error => {
      throw error
    },
  })
  closing.push(() => void cosigning.close())
  return { cosigning, warnings, file }
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    assert.ok(waited < 10_000, `not in time: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

const sizeWith = ({ cosigning }: Started, count: number): bigint | undefined => {
  const head = cosigning.witnessedHead(count)
  return head && parseCheckpointNote(head.note).size
}

test('each head goes to every witness with its proof, and comes back with their cosignatures', async () => {
  const log = await testLog(40)
  const witnesses = [await startTestWitness('one', log), await startTestWitness('two', log)]
  const started = await startCosigning(log, witnesses)
  for (const size of [2n, 3n, 10n, 40n]) {
    started.cosigning.published(size)
    await until(() => sizeWith(started, 2) === size)
  }
  const head = started.cosigning.witnessedHead()!
  assert.equal(head.block.header.height, 39n)
  assert.deepEqual(head.inclusion, log.inclusion(40n, 39n))
  const names = parseCheckpointNote(head.note).signatures.map(({ name }) => name)
  assert.deepEqual(names.toSorted(), [log.origin, 'one', 'two'].toSorted())
  assert.deepEqual(
    witnesses[0]!.asked.map(({ oldSize }) => oldSize),
    [0n, 2n, 3n, 10n],
  )
  assert.deepEqual(started.warnings, [])
})

test('a witness that knows another size is asked again with the proof from that one', async () => {
  const log = await testLog(40)
  const witness = await startTestWitness('one', log)
  witness.known = { size: 17n, root: log.root(17n) }
  const started = await startCosigning(log, [witness])
  started.cosigning.published(40n)
  await until(() => sizeWith(started, 1) === 40n)
  assert.deepEqual(
    witness.asked.map(({ oldSize }) => oldSize),
    [0n, 17n],
  )
})

test('while a witness is busy only the newest head waits for it', async () => {
  const log = await testLog(40)
  const witness = await startTestWitness('slow', log)
  let release = (): void => {}
  const busy = new Promise<void>(resolve => {
    release = resolve
  })
  witness.answer = async () => void (await busy)
  const started = await startCosigning(log, [witness])
  for (let size = 2n; size <= 40n; size++) started.cosigning.published(size)
  await until(() => witness.asked.length === 1)
  release()
  await until(() => sizeWith(started, 1) === 40n)
  assert.deepEqual(
    witness.asked.map(({ note }) => note.size),
    [2n, 40n],
  )
})

test('a witness that fails is a warning, hinders no other, and is tried again', async () => {
  const log = await testLog(40)
  const [good, bad] = [await startTestWitness('good', log), await startTestWitness('bad', log)]
  bad.answer = () => ({ status: 503, text: 'not now\n' })
  const started = await startCosigning(log, [good, bad])
  started.cosigning.published(30n)
  await until(() => sizeWith(started, 1) === 30n)
  await until(() => bad.asked.length >= 2)
  assert.equal(started.warnings.length, 1)
  assert.match(started.warnings[0]!, /^The witness http:.* does not cosign: it answers 503: not now\.$/)
  bad.answer = undefined
  await until(() => sizeWith(started, 2) === 30n)
  await until(() => started.warnings.length === 2)
  assert.match(started.warnings[1]!, /cosigns again\.$/)
})

test('a head that a witness refuses is not pressed upon it, but the next is offered', async () => {
  const log = await testLog(40)
  const witness = await startTestWitness('strict', log)
  witness.answer = ({ note }) => (note.size === 30n ? { status: 403, text: 'not this one\n' } : undefined)
  const started = await startCosigning(log, [witness])
  started.cosigning.published(30n)
  await until(() => started.warnings.length === 1)
  await new Promise(resolve => setTimeout(resolve, 700))
  assert.equal(witness.asked.length, 1)
  started.cosigning.published(31n)
  await until(() => sizeWith(started, 1) === 31n)
})

test('whatever a witness answers, there is a warning and no cosignature', async () => {
  const log = await testLog(40)
  const line = formatNoteSignatures([{ name: 'x', keyId: new Uint8Array(4), signature: new Uint8Array(72) }])
  const answers: readonly Told[] = [
    { status: 200, text: '' },
    { status: 200, text: 'nonsense' },
    { status: 200, text: '<html></html>\n' },
    {
      status: 200,
      text: formatNoteSignatures([{ name: 'x', keyId: new Uint8Array(4), signature: new Uint8Array(64) }]),
    },
    { status: 200, text: line.repeat(5) },
    { status: 200, text: 'x'.repeat(100_000) },
    { status: 409, text: 'many\n' },
    { status: 409, text: '0\n' },
    { status: 409, text: '41\n' },
    { status: 302, text: '' },
    { status: 422, text: 'no\n' },
    { status: 404, text: 'no\n' },
  ]
  for (const answer of answers) {
    const witness = await startTestWitness('liar', log)
    witness.answer = () => answer
    const started = await startCosigning(log, [witness])
    started.cosigning.published(40n)
    await until(() => started.warnings.length >= 1)
    assert.equal(sizeWith(started, 1), undefined, JSON.stringify(answer))
    await started.cosigning.close()
  }
})

test('one that answers another size each time is given up soon', async () => {
  const log = await testLog(40)
  const witness = await startTestWitness('fickle', log)
  let size = 1
  witness.answer = () => ({ status: 409, text: `${size++}\n` })
  const started = await startCosigning(log, [witness])
  started.cosigning.published(40n)
  await until(() => started.warnings.length === 1)
  assert.equal(witness.asked.length, 3)
})

test('the newest cosigned head outlives a restart, and counts no witness twice', async () => {
  const log = await testLog(40)
  const witness = await startTestWitness('one', log)
  const first = await startCosigning(log, [witness])
  first.cosigning.published(30n)
  await until(() => sizeWith(first, 1) === 30n)
  await first.cosigning.close()
  const second = await startCosigning(log, [witness], { file: first.file, size: 30n })
  assert.equal(sizeWith(second, 1), 30n)
  second.cosigning.published(30n)
  await until(() => witness.asked.at(-1)?.oldSize === 30n)
  assert.equal(sizeWith(second, 2), undefined)
})

test('a kept head that is damaged, of another log, or above the store is left alone', async () => {
  const log = await testLog(40)
  const witness = await startTestWitness('one', log)
  const first = await startCosigning(log, [witness])
  first.cosigning.published(30n)
  await until(() => sizeWith(first, 1) === 30n)
  await first.cosigning.close()
  const text = readFileSync(first.file, 'utf8')
  const startedWith = async (content: string, size: bigint, of: HistoryLog = log): Promise<bigint | undefined> => {
    writeFileSync(first.file, content)
    return sizeWith(await startCosigning(of, [witness], { file: first.file, size }), 1)
  }
  assert.equal(await startedWith(text, 30n), 30n)
  assert.equal(await startedWith(text, 29n), undefined)
  assert.equal(await startedWith(text.slice(1), 40n), undefined)
  assert.equal(await startedWith('', 40n), undefined)
  assert.equal(await startedWith(text, 40n, await testLog(40, 20)), undefined)
})

test('before a head is cosigned, its note has the log’s own signature', async () => {
  const log = await testLog(40)
  const witness = await startTestWitness('silent', log)
  witness.answer = () => ({ status: 503, text: 'not now\n' })
  const { cosigning } = await startCosigning(log, [witness])
  assert.equal(cosigning.note(), undefined)
  cosigning.published(40n)
  assert.equal(cosigning.witnessedHead(), undefined)
  assert.deepEqual(cosigning.note(), log.note(40n))
})

test('a node that has no witnesses any more does not show what they once cosigned', async () => {
  const log = await testLog(40)
  const first = await startCosigning(log, [await startTestWitness('one', log)])
  first.cosigning.published(30n)
  await until(() => sizeWith(first, 1) === 30n)
  await first.cosigning.close()
  const { cosigning } = await startCosigning(log, [], { file: first.file, size: 31n })
  cosigning.published(31n)
  assert.equal(cosigning.witnessedHead(), undefined)
  assert.equal(cosigning.witnessedHead(0), undefined)
})

async function refusalAtStart(log: HistoryLog, size: bigint, witnesses: readonly TestWitness[]): Promise<string> {
  const warnings: string[] = []
  const clients = witnesses.map(({ url }) => createWitnessClient(url, log))
  try {
    await askWitnesses(clients, { log, size, onWarning: sentence => warnings.push(sentence) })
  } catch (error) {
    assert.ok(error instanceof HomeError)
    assert.equal(error.code, 'blocks-lost')
    return error.message
  }
  return warnings.length > 0 ? `warned: ${warnings.join(' ')}` : 'nothing'
}

test('at a start, a witness that knows more blocks, or others, stops the node', async () => {
  const log = await testLog(40)
  const fork = await testLog(40, 20)
  const [none, one] = [await startTestWitness('none', log), await startTestWitness('one', log)]
  const asked = async (size: bigint, root: Uint8Array, ours: bigint): Promise<string> => {
    one.known = { size, root }
    return refusalAtStart(log, ours, [none, one])
  }
  assert.equal(await asked(0n, log.root(1n), 0n), 'nothing')
  assert.equal(await asked(0n, log.root(1n), 40n), 'nothing')
  assert.equal(await asked(39n, log.root(39n), 40n), 'nothing')
  assert.equal(await asked(40n, log.root(40n), 40n), 'nothing')
  assert.match(await asked(40n, log.root(40n), 39n), /knows block 39 of this chain and the store ends at 38/)
  // A home that was made anew with the old genesis has no block, and may not begin a second chain.
  assert.match(await asked(40n, log.root(40n), 0n), /knows block 39 of this chain and the store ends at 0/)
  assert.match(await asked(30n, fork.root(30n), 40n), /knows another block 29 of this chain/)
})

test('at a start, a witness of others’ make is asked by a checkpoint', async () => {
  const log = await testLog(40)
  const witness = await startTestWitness('foreign', log)
  witness.hasStatus = false
  assert.equal(await refusalAtStart(log, 30n, [witness]), 'nothing')
  assert.equal(witness.known.size, 30n)
  witness.known = { size: 40n, root: log.root(40n) }
  assert.match(await refusalAtStart(log, 30n, [witness]), /knows block 39/)
})

test('at a start, a witness that does not answer, or not sensibly, is a warning', async () => {
  const log = await testLog(40)
  const [dead, other] = [await startTestWitness('dead', log), await startTestWitness('other', await testLog(3))]
  const gone = { ...dead, url: 'http://127.0.0.1:1' }
  assert.match(await refusalAtStart(log, 40n, [gone]), /^warned: The witness http:.*:1 can't be asked/)
  other.hasStatus = false
  other.answer = () => ({ status: 404, text: 'unknown log\n' })
  assert.match(await refusalAtStart(log, 40n, [other]), /^warned: .*answers 404/)
  other.answer = () => new Promise(() => {})
  assert.match(await refusalAtStart(log, 40n, [other]), /^warned: .*there was no answer/)
  // One that is dead does not hide what another knows.
  dead.known = { size: 41n, root: sha256() }
  assert.match(await refusalAtStart(log, 40n, [gone, dead]), /knows block 40/)
})
