// `muniment embed` as a process of its own: what it refuses before a page would, and what it never overwrites.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { formatNetwork, formatTrustRoot, type Network, type TrustRoot } from '@muniment/sdk'
import { startTestNetwork, type TestNetwork } from './network.ts'

const main = fileURLToPath(new URL('../node/src/main.ts', import.meta.url))
const built = existsSync(fileURLToPath(new URL('../node/dist/kit/start.js', import.meta.url)))
const skip = !built && 'the elements are not built: npm run build'
let folder = ''
let network: TestNetwork
const path = (name: string): string => join(folder, name)

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muniment-embed-'))
  network = await startTestNetwork()
  await network.stopNode()
})
after(async () => {
  await network.close()
  rmSync(folder, { recursive: true })
})

type Ended = { readonly code: number; readonly out: string; readonly error: string }

function embed(
  given: { readonly root?: Partial<TrustRoot>; readonly network?: Partial<Network> },
  ...more: readonly string[]
): Promise<Ended> {
  writeFileSync(path('trust-root.json'), JSON.stringify(formatTrustRoot({ ...network.root, ...given.root })))
  writeFileSync(
    path('network.json'),
    JSON.stringify(formatNetwork({ ...network.network, peers: [], ...given.network })),
  )
  const args = ['--conditions=source', '--no-warnings', main, 'embed', ...more]
  return new Promise(resolve => {
    execFile(process.execPath, args, { cwd: folder, timeout: 60_000 }, (failure, out, error) => {
      resolve({ code: typeof failure?.code === 'number' ? failure.code : 0, out, error })
    })
  })
}

test('in the folder of a network’s two files it needs no more than a place', { skip }, async () => {
  const { code, out, error } = await embed({}, '--out', 'kit', '--verify-page', '/check?a="<b>"')
  assert.deepEqual([code, error], [0, ''])
  assert.match(out, /^\d+ files for test-net are in kit; its README\.md says what to paste\./)
  const readme = readFileSync(path('kit/README.md'), 'utf8')
  assert.match(readme, /verify-page="\/check\?a=&#34;&#60;b&#62;&#34;"/)
  const { files } = JSON.parse(readFileSync(path('kit/sri.json'), 'utf8'))
  for (const name of ['verify.js', 'sign.js']) assert.ok(readme.includes(`${name}" integrity="${files[name]}"`))
  const headers = readFileSync(path('kit/headers.txt'), 'utf8')
  assert.ok(headers.includes(`connect-src 'self' ${new URL(network.rpc).origin};`), headers)
})

test('what every page would refuse is refused here already, and nothing is written', { skip }, async () => {
  const other = {
    ...network.root.checkpointKeys,
    keys: network.root.checkpointKeys.keys.map(key => key.map(byte => byte ^ 1)),
  }
  const cases: readonly [Parameters<typeof embed>[0], RegExp][] = [
    [{ network: { chainId: 'test-other' } }, /The network’s file is of test-other, and the trust root of test-net/],
    [
      { root: { genesisHash: new Uint8Array(32) } },
      /The checkpoint in the network’s file can’t be used: the checkpoint is of another chain/,
    ],
    [{ root: { checkpointKeys: other } }, /can’t be used: too few of the named bodies signed the checkpoint/],
  ]
  for (const [given, sentence] of cases) {
    const { code, error } = await embed(given, '--out', 'refused')
    assert.equal(code, 1)
    assert.match(error, sentence)
    assert.equal(existsSync(path('refused')), false)
  }
})

test('an address that is a path is warned of: it is asked of whatever server the pages stand on', {
  skip,
}, async () => {
  const { code, error } = await embed({ network: { rpc: ['/rpc'] } }, '--out', 'kit')
  assert.equal(code, 0)
  assert.match(error, /^Take care: \/rpc is asked of/)
})

test('a folder with something else is left alone; an earlier kit’s files go, and only they', { skip }, async () => {
  mkdirSync(path('mine'))
  writeFileSync(path('mine/thesis.txt'), 'kept')
  const refused = await embed({}, '--out', 'mine')
  assert.match(refused.error, /The folder mine holds something else/)
  assert.deepEqual(readdirSync(path('mine')), ['thesis.txt'])
  writeFileSync(path('outside.txt'), 'kept')
  writeFileSync(path('mine/chunk-of-before.js'), '')
  const files = { 'chunk-of-before.js': 'sha384-', '../outside.txt': 'sha384-', '.': 'sha384-' }
  writeFileSync(path('mine/sri.json'), JSON.stringify({ version: '0.0.1', files }))
  assert.equal((await embed({}, '--out', 'mine')).code, 0)
  const there = readdirSync(path('mine'))
  assert.ok(there.includes('thesis.txt') && there.includes('verify.js') && !there.includes('chunk-of-before.js'))
  assert.equal(readFileSync(path('outside.txt'), 'utf8'), 'kept')
})

test('a missing file is one sentence', { skip }, async () => {
  const { code, error } = await embed({}, '--out', 'none', '--root', 'nothing.json')
  assert.equal(code, 1)
  assert.match(error, /^There is no file nothing\.json\./)
})
