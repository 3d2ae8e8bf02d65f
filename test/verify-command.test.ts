// `muniment verify FILE` as a process of its own: online, offline from a bundle, and years later.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { formatNetwork, formatTrustRoot, type Network, verifyBundle } from '@muniment/sdk'
import { startTestNetwork, type TestNetwork } from './network.ts'
import { handMadePdf } from './pdf-files.ts'

const main = fileURLToPath(new URL('../node/src/main.ts', import.meta.url))
let folder = ''
let network: TestNetwork
let later: Network['checkpoint']
let bundle: Uint8Array<ArrayBufferLike> = new Uint8Array(0)
const path = (name: string): string => join(folder, name)

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muniment-verify-'))
  network = await startTestNetwork()
  const { link } = await network.issueTitle({ parcel: 'example 12/345' })
  bundle = await (await network.client({ over: 'rpc' })).bundle(link)
  await network.issueTitle({ parcel: 'example 12/346' })
  later = await network.newCheckpoint()
  writeFileSync(path('link.txt'), `${link}\n`)
  writeFileSync(path('bundle'), bundle)
  writeFileSync(path('altered'), Uint8Array.from(bundle).fill(0, 400, 420))
  writeFileSync(path('paper.pdf'), handMadePdf({ attached: bundle }))
  writeFileSync(path('empty.pdf'), handMadePdf({ attached: 'a letter' }))
  writeFileSync(path('damaged.pdf'), '%PDF-1.7\nnothing more')
  writeFileSync(path('photo.jpg'), new Uint8Array(5_000).fill(0xff))
  writeFileSync(path('root.json'), JSON.stringify(formatTrustRoot(network.root)))
  writeFileSync(path('network.json'), JSON.stringify(formatNetwork({ ...network.network, peers: [] })))
})
after(async () => {
  await network.close()
  rmSync(folder, { recursive: true })
})

type Ended = { readonly code: number; readonly out: string; readonly error: string }

function verify(file: string, ...args: readonly string[]): Promise<Ended> {
  const all = ['--conditions=source', main, 'verify', path(file), '--root', path('root.json')]
  return new Promise(resolve => {
    const given = [...all, '--network', path('network.json'), ...args]
    execFile(process.execPath, given, { timeout: 60_000 }, (failure, out, error) => {
      resolve({ code: typeof failure?.code === 'number' ? failure.code : 0, out, error })
    })
  })
}

test('a link and a bundle are checked, and the answer says its date and whom it trusted', async () => {
  // The test network has one signer and no witnesses, so no answer is "valid".
  const online = await verify('link.txt')
  assert.equal(online.code, 4)
  assert.match(online.out, /^unknown: single-operator/)
  assert.match(online.out, /\nrecord: urn:example:land-title/)
  assert.match(online.out, /\nas of: 20\d\d-/)
  assert.match(online.out, /2 of 3 signers of the checkpoint/)
  const json = JSON.parse((await verify('bundle', '--json')).out)
  assert.equal(json.code, 'single-operator')
  assert.ok(Number(json.asOf.height) > 1)
})

test('a bundle is checked with every server dead, and what was altered is found out', async () => {
  await network.stopNode()
  const offline = await verify('bundle', '--offline', '--json')
  assert.equal(JSON.parse(offline.out).code, 'single-operator')
  assert.equal((await verify('link.txt', '--json')).code, 4)
  const altered = await verify('altered', '--offline', '--json')
  assert.ok(altered.code !== 0 && JSON.parse(altered.out).code !== 'single-operator', altered.out)
  const photo = await verify('photo.jpg', '--offline')
  assert.match(photo.out, /^unknown: unreadable/)
})

test('a paper with the record attached is checked as the record is, and one without says what it lacks', async () => {
  const paper = await verify('paper.pdf', '--offline', '--json')
  assert.equal(JSON.parse(paper.out).code, 'single-operator')
  for (const [name, words] of [
    ['empty.pdf', /has no record attached/],
    ['damaged.pdf', /cannot be read/],
  ] as const) {
    const refused = await verify(name, '--offline')
    assert.notEqual(refused.code, 0)
    assert.match(refused.error, words)
    assert.equal(refused.error.trim().split('\n').length, 1)
  }
})

test('a bundle that is older than the checkpoint of today answers "old signatures"', async () => {
  const verdict = await verifyBundle(bundle, { root: network.root, network: { ...network.network, checkpoint: later } })
  assert.deepEqual([verdict.kind, verdict.code], ['unknown', 'old-signatures'])
})

test('what is missing is one sentence', async () => {
  const { code, error } = await verify('nothing')
  assert.equal(code, 1)
  assert.match(error, /There is no file/)
})
