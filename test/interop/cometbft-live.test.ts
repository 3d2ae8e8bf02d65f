// Our light client follows a real CometBFT v0.40.0 node with its kvstore application, live over its RPC, through changes of
// the validator set.

import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  addSeconds,
  createRpcProvider,
  formatBase64,
  headerHash,
  loadCrypto,
  type Provider,
  type SignedCheckpoint,
  signCheckpoint,
  type TrustRoot,
  timeFromMilliseconds,
} from '@muniment/sdk'
import { createChain } from '../../sdk/src/light/chain.ts'
import { createMemoryStore } from '../../sdk/src/storage/memory.ts'
import { checkpointOf } from '../signed-checkpoint.ts'
import { signerOf } from '../signer.ts'
import { goSkip, installGoProgram } from './go.ts'

const crypto = await loadCrypto()
const now = () => timeFromMilliseconds(Date.now())
const body = signerOf('the body that signs checkpoints')

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function startCometBft(
  home: string,
): Promise<{ readonly child: ChildProcess; readonly rpc: string; readonly chainId: string }> {
  const binary = await installGoProgram('github.com/cometbft/cometbft/cmd/cometbft', 'v0.40.0')
  execFileSync(binary, ['init', '--home', home], { stdio: 'ignore' })
  const config = join(home, 'config', 'config.toml')
  writeFileSync(config, readFileSync(config, 'utf8').replace(/timeout_commit = .*/, 'timeout_commit = "200ms"'))
  const [rpcPort, p2pPort] = [await freePort(), await freePort()]
  const addresses = ['--rpc.laddr', `tcp://127.0.0.1:${rpcPort}`, '--p2p.laddr', `tcp://127.0.0.1:${p2pPort}`]
  const child = spawn(binary, ['start', '--home', home, '--proxy_app', 'kvstore', ...addresses], { stdio: 'ignore' })
  const { chain_id: chainId } = JSON.parse(readFileSync(join(home, 'config', 'genesis.json'), 'utf8'))
  return { child, rpc: `http://127.0.0.1:${rpcPort}`, chainId }
}

async function heightAtLeast(provider: Provider, height: bigint): Promise<bigint> {
  const until = Date.now() + 60_000
  for (;;) {
    const latest = await provider.lightBlock('latest').then(
      block => block.header.height,
      () => 0n,
    )
    if (latest >= height) return latest
    assert.ok(Date.now() < until, `height ${height} was not reached in a minute`)
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

async function newCheckpoint(provider: Provider, height: bigint, root: TrustRoot): Promise<SignedCheckpoint> {
  const { header } = await provider.lightBlock(height)
  const value = checkpointOf(header, root, { hasher: crypto, issuedAt: now(), expiresAt: addSeconds(now(), 3_600) })
  return signCheckpoint(value, [body])
}

test('a real CometBFT chain is followed live, through validators that join, gain power and leave', {
  skip: goSkip,
  timeout: 600_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'muniment-comet-'))
  const { child, rpc, chainId } = await startCometBft(home)
  try {
    const provider = createRpcProvider(rpc)
    await heightAtLeast(provider, 3n)
    const root: TrustRoot = {
      chainId,
      genesisHash: new Uint8Array(32).fill(1),
      checkpointKeys: { k: 1, keys: [body.key.bytes] },
      witnesses: { k: 0, keys: [] },
      trustLevel: { numerator: 1n, denominator: 3n },
      trustingPeriodSeconds: 3_600,
    }
    const signed = await newCheckpoint(provider, 2n, root)
    const clients = (['skipping', 'sequential'] as const).map(mode =>
      createChain({
        root,
        checkpoint: signed,
        providers: [provider],
        store: createMemoryStore(),
        crypto,
        now,
        mode,
      }),
    )
    const sets = new Set<string>()
    // Powers stay small beside the node's own 10, so that it goes on making blocks alone.
    for (const [name, power] of [
      ['first', 1],
      ['second', 2],
      ['first', 2],
      ['second', 0],
    ] as const) {
      const key = formatBase64(signerOf(`validator ${name}`).key.bytes)
      const answer = await provider.submit(new TextEncoder().encode(`val=ed25519!${key}!${power}`))
      assert.equal(answer.code, 0, answer.log)
      // Included in some block h, in force from h + 2.
      const changed = (await heightAtLeast(provider, 0n)) + 4n
      await heightAtLeast(provider, changed)
      for (const client of clients) {
        const { block, signedPower } = await client.newest()
        assert.ok(block.header.height >= changed)
        assert.ok(signedPower.signed * 3n > signedPower.total * 2n)
        sets.add(
          block.validatorSet.validators
            .map(each => `${formatBase64(each.publicKey.bytes)}:${each.votingPower}`)
            .join(' '),
        )
      }
    }
    assert.ok(sets.size >= 4, `four sets were seen: ${sets.size}`)
    const [skipping, sequential] = clients
    const height = skipping!.head()!.block.header.height
    const [left, right] = [await skipping!.trustedAt(height), await sequential!.trustedAt(height)]
    assert.deepEqual(headerHash(left.block.header, crypto), headerHash(right.block.header, crypto))
    const first = await skipping!.trustedAt(1n)
    assert.equal(first.block.header.height, 1n, 'and back to the first block by its links')
  } finally {
    child.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  }
})
