// `muniment checkpoint`: bodies that make and sign the checkpoints of a running chain, each of them believing only itself.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type Checkpoint,
  checkpoint,
  createClient,
  formatBase64Url,
  formatTrustRoot,
  parseBase64Url,
  signedCheckpoint,
  type TrustRoot,
} from '@muniment/sdk'
import { startTestNetwork, type TestNetwork } from './network.ts'

const main = fileURLToPath(new URL('../node/src/main.ts', import.meta.url))
let folder = ''
let network: TestNetwork
let root: TrustRoot
const path = (name: string): string => join(folder, name)

type Ended = { readonly code: number; readonly out: string; readonly error: string }

function command(...args: readonly string[]): Promise<Ended> {
  return new Promise(resolve => {
    const all = ['--conditions=source', main, 'checkpoint', ...args]
    execFile(process.execPath, all, { timeout: 60_000 }, (failure, out, error) => {
      resolve({ code: typeof failure?.code === 'number' ? failure.code : 0, out, error })
    })
  })
}

const from = (): string[] => ['--node', network.rpc, '--root', path('root.json')]

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muniment-checkpoint-'))
  network = await startTestNetwork()
  await network.issueTitle({ parcel: 'example 1' })
  const keys = await Promise.all(
    ['one', 'two', 'three'].map(async name => {
      const { out } = await command('key', '--key', path(name))
      return parseBase64Url(out.trim())
    }),
  )
  root = { ...network.root, checkpointKeys: { k: 2, keys } }
  writeFileSync(path('root.json'), JSON.stringify(formatTrustRoot(root)))
  writeFileSync(
    path('genesis.json'),
    JSON.stringify((await (await fetch(`${network.rpc}/genesis`)).json()).result.genesis),
  )
})
after(async () => {
  await network.close()
  rmSync(folder, { recursive: true })
})

function changed(name: string, change: (value: Checkpoint) => Partial<Checkpoint>): string {
  const signed = signedCheckpoint.decode(parseBase64Url(readFileSync(path('first'), 'utf8').trim()))
  const value = checkpoint.decode(signed.checkpoint)
  const encoded = checkpoint.encode({ ...value, ...change(value) })
  const forged = signedCheckpoint.encode({ checkpoint: encoded, signatures: [] })
  writeFileSync(path(name), formatBase64Url(forged))
  return path(name)
}

test('a checkpoint is made from the genesis file, signed by two bodies, and a client begins there', async () => {
  const made = await command('make', ...from(), '--genesis', path('genesis.json'), '--out', path('first'))
  assert.equal(made.code, 0, made.error)
  assert.match(made.out, /chain test-net, block \d+, [0-9a-f]{64}\nnumber 1, from 20/)
  assert.equal((await command('show', path('first'), '--root', path('root.json'))).code, 1)
  for (const name of ['one', 'two']) {
    const signed = await command(
      'sign',
      path('first'),
      ...from(),
      '--key',
      path(name),
      '--genesis',
      path('genesis.json'),
    )
    assert.equal(signed.code, 0, signed.error)
  }
  assert.match((await command('show', path('first'), '--root', path('root.json'))).out, /enough of the 3 named keys/)
  const signed = signedCheckpoint.decode(parseBase64Url(readFileSync(path('first'), 'utf8').trim()))
  const client = await createClient({ root, network: { ...network.network, peers: [], checkpoint: signed } })
  assert.ok((await client.read([new Uint8Array(32)])).header.height > 1n)
  await client.close()
})

test('a body signs nothing that the chain does not say, and never two for one height', async () => {
  const signing = (file: string, name = 'three'): Promise<Ended> =>
    command('sign', file, ...from(), '--key', path(name), '--genesis', path('genesis.json'))
  for (const [words, change] of [
    [/another block/, () => ({ headerHash: new Uint8Array(32) })],
    [/validators that follow/, () => ({ nextValidatorsHash: new Uint8Array(32) })],
    [/another history/, () => ({ historyRoot: new Uint8Array(32) })],
    [/another chain/, () => ({ chainId: 'test-other' })],
    [
      /thirty days/,
      ({ issuedAt }: Checkpoint) => ({ expiresAt: { ...issuedAt, seconds: issuedAt.seconds + 2_592_001n } }),
    ],
    [/today/, ({ issuedAt }: Checkpoint) => ({ issuedAt: { ...issuedAt, seconds: issuedAt.seconds - 90_000n } })],
    [/no such height|another height|less than/, () => ({ height: 1_000_000n, historySize: 1_000_000n })],
  ] as const) {
    const refused = await signing(changed('forged', change))
    assert.equal(refused.code, 1)
    assert.match(refused.error, words)
  }
  // The same height again, otherwise true: the first two bodies have signed there already.
  const again = await signing(
    changed('again', ({ issuedAt }) => ({ issuedAt: { ...issuedAt, nanos: 1 }, sequence: 2n })),
    'one',
  )
  assert.match(again.error, /height does not rise/)
  const same = await signing(path('first'), 'one')
  assert.equal(same.code, 0, same.error)
})

test('the next checkpoint follows from the one before, whoever makes it', async () => {
  await network.issueTitle({ parcel: 'example 2' })
  const made = await command('make', ...from(), '--from', path('first'), '--out', path('second'))
  assert.match(made.out, /number 2/)
  for (const name of ['one', 'two']) {
    const signed = await command('sign', path('second'), ...from(), '--key', path(name))
    assert.equal(signed.code, 0, signed.error)
  }
  const back = await command('sign', path('first'), ...from(), '--key', path('one'))
  assert.match(back.error, /number does not rise/)
})
