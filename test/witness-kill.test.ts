// A witness that is killed: whatever it cosigned before, it knows afterwards, and it cosigns nothing that contradicts it.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type CheckpointNote,
  createNodeProvider,
  formatBase64,
  loadCrypto,
  logSignature,
  type NoteBody,
  NoteKeyType,
  noteSignBytes,
  parseCheckpointNote,
  type TrustRoot,
} from '@muniment/sdk'
import { loadNoteKey, type NoteSigner } from '../node/src/note-key.ts'
import { formatAddCheckpoint } from '../node/src/witness/request.ts'
import {
  killAll,
  makeBlocks,
  makeHome,
  type Running,
  readCheckpoint,
  startNodeProcess,
  watch,
} from './witness-network.ts'

const crypto = await loadCrypto()
const script = fileURLToPath(new URL('kill-witness.ts', import.meta.url))
let folder = ''
let root: TrustRoot
let rpc = ''
let signer: NoteSigner

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muniment-kill-witness-'))
  root = await makeHome(folder)
  rpc = (await startNodeProcess(join(folder, 'home'))).value('RPC')
  signer = await loadNoteKey(join(folder, 'home', 'config', 'log_key.json'))
})
after(async () => {
  await killAll()
  rmSync(folder, { recursive: true })
})

/** `batch`: of its store, after which it dies; 0 is never. */
function startWitness(batch: number): Promise<Running> {
  const args = ['--conditions=source', script, folder, rpc, String(batch)]
  return watch(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] }), 'Witness: ')
}

type Known = { readonly size: bigint; readonly root: string | null }

async function statusOf(witness: Running): Promise<Known> {
  const told = (await (await fetch(`${witness.value('Witness')}/status`)).json()) as {
    size: string
    root: string | null
  }
  return { size: BigInt(told.size), root: told.root }
}

async function newestNote(): Promise<CheckpointNote> {
  return parseCheckpointNote((await readCheckpoint(rpc, [])).text)
}

/** Signed by the log's own key, as by an operator who rewrites. */
function forged(change: Pick<NoteBody, 'size' | 'root'>, { origin }: CheckpointNote): CheckpointNote {
  const body = { origin, extensions: [], ...change }
  const key = { name: origin, type: NoteKeyType.ed25519, key: signer.publicKey }
  return { ...body, signatures: [logSignature(key, signer.sign(noteSignBytes(body)), crypto)] }
}

/** The status, or undefined where the witness died over it. */
async function push(witness: Running, note: CheckpointNote, oldSize: bigint): Promise<number | undefined> {
  const history = { height: note.size, oldSize }
  const proof = oldSize > 0n ? (await createNodeProvider(rpc).history(history)).consistency : []
  const body = formatAddCheckpoint({ oldSize, proof, note })
  try {
    const response = await fetch(`${witness.value('Witness')}/add-checkpoint`, { method: 'POST', body })
    await response.text()
    return response.status
  } catch {
    return undefined
  }
}

test('killed between the disk and the signature, it answers nobody, and holds to the tree ever after', async () => {
  let known = 0n
  for (let round = 0; round < 5; round++) {
    await makeBlocks(rpc, root)
    const note = await newestNote()
    // The first batches of a new home are the name of the log and the log's key.
    const witness = await startWitness(round === 0 ? 3 : 1)
    assert.equal(await push(witness, note, known), undefined)
    const again = await startWitness(0)
    assert.deepEqual(await statusOf(again), { size: note.size, root: formatBase64(note.root) })
    const other = crypto.sha256(Uint8Array.of(round))
    assert.equal(await push(again, forged({ size: note.size, root: other }, note), note.size), 409)
    await makeBlocks(rpc, root)
    const next = await newestNote()
    assert.equal(await push(again, forged({ size: next.size, root: other }, note), note.size), 422)
    assert.equal(await push(again, note, note.size), 200)
    assert.equal(await push(again, next, note.size), 200)
    known = next.size
    await again.kill()
  }
})

test('killed at any moment under load, it never forgets what it cosigned', async () => {
  let cosigned: CheckpointNote | undefined
  let kills = 0
  const roots = new Map<bigint, string>()
  for (let round = 0; round < 10; round++) {
    const witness = await startWitness(0)
    const known = await statusOf(witness)
    assert.ok(known.size >= (cosigned?.size ?? 0n), `it knows ${known.size} and has cosigned ${cosigned?.size}`)
    assert.equal(known.root ?? undefined, roots.get(known.size) ?? known.root ?? undefined)
    let alive = true
    const blocks = (async () => {
      while (alive) await makeBlocks(rpc, root)
    })()
    const pushing = (async () => {
      let from = known.size
      while (alive) {
        const note = await newestNote()
        roots.set(note.size, formatBase64(note.root))
        const lie = forged({ size: note.size, root: crypto.sha256(Uint8Array.of(round)) }, note)
        const [honest, lying] = await Promise.all([push(witness, note, from), push(witness, lie, from)])
        assert.notEqual(lying, 200)
        if (honest === 200) {
          from = note.size
          cosigned = note
        }
      }
    })()
    await new Promise(resolve => setTimeout(resolve, 150 + ((round * 97) % 400)))
    await witness.kill()
    kills += 1
    alive = false
    await Promise.all([blocks, pushing])
  }
  assert.equal(kills, 10)
  assert.ok(cosigned !== undefined)
})
