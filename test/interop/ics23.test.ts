// The state tree's proofs, judged by cosmos/ics23 v0.11.0 with its stock SmtSpec and TendermintSpec.

import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type CommitmentProof, commitmentProof, encodeUtf8, formatHex, type InnerOp } from '@muniment/sdk'
import { sha256 } from '../../node/src/hasher.ts'
import { memoryDatabase, newDisk } from '../../node/src/storage/memory.ts'
import { appHash, proveStore } from '../../node/src/tree/app-hash.ts'
import { openTree, type Tree } from '../../node/src/tree/tree.ts'
import { buildGoProgram, goSkip, runProgram } from './go.ts'

type Question = { proof: CommitmentProof; key: Uint8Array; value: Uint8Array | undefined }

const genesisLeafKey = encodeUtf8('genesis')
const recordKey = (i: number): Uint8Array => encodeUtf8(`record ${i}`)
const recordValue = (i: number): Uint8Array => encodeUtf8(`value ${i}`)

/** A tree whose version v has the first v of `sizes` many records. */
async function treeOf(sizes: readonly number[]): Promise<Tree> {
  const database = memoryDatabase(newDisk())
  const tree = await openTree(database)
  for (const size of [0, ...sizes]) {
    const writes = Array.from({ length: size }, (_, i) => ({ key: recordKey(i), value: recordValue(i) }))
    const staged = await tree.stage([{ key: genesisLeafKey, value: encodeUtf8('genesis') }, ...writes])
    await database.write(staged.writes)
    tree.committed(staged)
  }
  return tree
}

describe('cosmos/ics23', { skip: goSkip }, () => {
  let binary: string
  before(async () => {
    binary = await buildGoProgram('ics23')
  })

  async function verdicts(root: Uint8Array, questions: readonly Question[]): Promise<readonly string[]> {
    const roots = { state: root, history: sha256(encodeUtf8('history')) }
    const store = commitmentProof.encode({ exist: proveStore('state', roots), nonexist: undefined })
    const lines = questions.map(({ proof, key, value }) =>
      JSON.stringify({
        AppHash: formatHex(appHash(roots)),
        Root: formatHex(root),
        Store: formatHex(store),
        Proof: formatHex(commitmentProof.encode(proof)),
        Key: formatHex(key),
        Value: value ? formatHex(value) : '',
      }),
    )
    return (await runProgram(binary, [], lines.join('\n'))).trim().split('\n')
  }

  test('accepts existence and absence in trees of every size from none to 700 records', async () => {
    const sizes = [1, 2, 3, 10, 100, 700]
    const tree = await treeOf(sizes)
    for (const [version, size] of [0, ...sizes].entries()) {
      const root = tree.root(BigInt(version))
      const ask = (key: Uint8Array, value?: Uint8Array): Question => ({
        proof: tree.prove(key, BigInt(version)),
        key,
        value,
      })
      const exist = Array.from({ length: Math.min(size, 100) }, (_, i) => ask(recordKey(i), recordValue(i)))
      const absent = Array.from({ length: 100 }, (_, i) => ask(recordKey(10_000 + i)))
      const answers = await verdicts(root, [...exist, ask(genesisLeafKey, encodeUtf8('genesis')), ...absent])
      assert.deepEqual(answers.slice(0, exist.length + 1), new Array(exist.length + 1).fill('exists'))
      assert.deepEqual(answers.slice(exist.length + 1), new Array(100).fill('absent'))
    }
  })

  test('refuses a forged value, a proof for another key and absence of a key that is there', async () => {
    const tree = await treeOf([50])
    const questions = Array.from({ length: 50 }, (_, i): Question[] => {
      const exist = tree.prove(recordKey(i), 1n)
      const absent = tree.prove(recordKey(i + 1_000), 1n)
      const flipped = { ...exist.exist!, path: exist.exist!.path.map(flipLastBit) }
      return [
        { proof: exist, key: recordKey(i), value: encodeUtf8('forged') },
        { proof: exist, key: recordKey(i + 1_000), value: recordValue(i) },
        { proof: { exist: flipped, nonexist: undefined }, key: recordKey(i), value: recordValue(i) },
        { proof: absent, key: recordKey(i), value: undefined },
        {
          proof: { exist: undefined, nonexist: { ...absent.nonexist!, left: undefined } },
          key: recordKey(i),
          value: undefined,
        },
      ]
    }).flat()
    const answers = await verdicts(tree.root(1n), questions)
    assert.deepEqual(answers, new Array(250).fill('refused'))
  })
})

function flipLastBit(step: InnerOp): InnerOp {
  const target = step.suffix.length > 0 ? 'suffix' : 'prefix'
  const bytes = step[target].slice()
  bytes[bytes.length - 1]! ^= 1
  return { ...step, [target]: bytes }
}
