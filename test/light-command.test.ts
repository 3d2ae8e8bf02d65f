// `muniment light` as a process of its own, beside real nodes over RPC.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createRpcProvider, formatHex, headerHash, loadCrypto } from '@muniment/sdk'
import { startTestNetwork, type TestNetwork } from './network.ts'

const crypto = await loadCrypto()
const main = fileURLToPath(new URL('../node/src/main.ts', import.meta.url))
let network: TestNetwork
let trusted: { readonly height: bigint; readonly hash: string }

before(async () => {
  network = await startTestNetwork()
  const { header } = await createRpcProvider(network.rpc).lightBlock(1n)
  trusted = { height: header.height, hash: formatHex(headerHash(header, crypto)) }
})
after(async () => {
  await network.close()
  crypto.close()
})

type Ended = { readonly code: number; readonly out: string; readonly error: string }

function given(): readonly string[] {
  return ['--chain-id', 'test-net', '--height', String(trusted.height), '--hash', trusted.hash]
}

function light(...args: readonly string[]): Promise<Ended> {
  return new Promise(resolve => {
    const all = ['--conditions=source', main, 'light', ...given(), ...args]
    execFile(process.execPath, all, { timeout: 60_000 }, (failure, out, error) => {
      resolve({ code: typeof failure?.code === 'number' ? failure.code : 0, out, error })
    })
  })
}

test('a chain is verified from a trusted block, and the answer is one object a line', async () => {
  const { code, out } = await light('--primary', network.rpc, '--witness', network.rpc, '--json')
  assert.equal(code, 0)
  const answer = JSON.parse(out)
  const newest = await createRpcProvider(network.rpc).lightBlock(BigInt(answer.height))
  assert.equal(answer.hash, formatHex(headerHash(newest.header, crypto)))
  assert.deepEqual([answer.kind, answer.agreed.length], ['verified', 2])
  const exact = await light('--primary', network.rpc, '--to', '2', '--sequential')
  assert.match(exact.out, /^verified 2 [0-9a-f]{64} of .*, signed by at least 100 %/)
})

test('each kind of failure has its exit code, and says why in a sentence', async () => {
  const silent = await light('--primary', 'http://127.0.0.1:1', '--json')
  assert.equal(silent.code, 4)
  assert.equal(JSON.parse(silent.out).code, 'unavailable')
  const wrong = await light('--primary', network.rpc, '--hash', '00'.repeat(32))
  assert.equal(wrong.code, 5)
  assert.match(wrong.error, /not the header that is trusted \(wrong-hash/)
  const old = await light('--primary', network.rpc, '--trusting-period', '1s', '--to', '2')
  assert.equal(old.code, 3, old.error)
})

test('a mistake on the command line is one sentence, and the usage', async () => {
  for (const [args, words] of [
    [['--primary', 'ftp://x'], /ftp:\/\/x is no http address/],
    [['--primary', network.rpc, '--trust-level', '1/4'], /no trust level/],
    [['--primary', network.rpc, '--trusting-period', 'long'], /no period/],
    [['--primary', network.rpc, '--to', '-1'], /-1|argument/],
    [[], /--primary is missing/],
    [['--colour'], /colour/],
  ] as const) {
    const { code, error } = await light(...args)
    assert.equal(code, 1, error)
    assert.match(error, words)
  }
})

test('a watch goes on with each new block until it is stopped', { timeout: 60_000 }, async () => {
  const args = [...given(), '--primary', network.rpc, '--follow', '--json']
  const child = spawn(process.execPath, ['--conditions=source', main, 'light', ...args])
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  const heights: bigint[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    heights.push(BigInt(JSON.parse(line).height))
    if (heights.length === 1) await network.issueTitle({ parcel: 'example 1' })
    else child.kill('SIGINT')
  }
  assert.equal(await ended, 0)
  assert.ok(heights.length >= 2 && heights[1]! > heights[0]!, String(heights))
})
