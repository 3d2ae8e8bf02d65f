// Our light client in front of a real CometBFT v0.40.0 network, between servers that lie about it: some have nobody's keys, and
// some have all of them.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parseBlock, parseEvidence } from '../../sdk/src/comet/block-json.ts'
import { BlockIdFlag } from '../../sdk/src/comet/commit.ts'
import type { Evidence } from '../../sdk/src/comet/evidence.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { sortedValidatorSet, validatorAddress } from '../../sdk/src/comet/validator-set.ts'
import { zeroTime } from '../../sdk/src/time.ts'
import { forgedBlock } from '../divergence.ts'
import { type CometNode, startCometNode } from './cometbft.ts'
import { goSkip } from './go.ts'
import { type LightNetwork, type NetworkNode, startLightNetwork } from './light-network.ts'
import { clientOf, crypto, hashOf, refusalOf, runCommand, type TestRoot } from './light-network-client.ts'
import { signedBy, startFork } from './light-network-fork.ts'
import { type ProxyServer, startBlockProxy, startProxy } from './light-network-proxy.ts'

after(() => crypto.close())

const falseState = { appHash: new Uint8Array(32).fill(1) }

describe('CometBFT v0.40.0, a network and its liars', { skip: goSkip, timeout: 600_000 }, () => {
  let network: LightNetwork
  let root: TestRoot
  const node = (index: number): NetworkNode => network.nodes[index]!

  before(async () => {
    network = await startLightNetwork()
    await network.reached(2n)
    root = { chainId: network.chainId, block: await node(0).lightBlock(2n) }
  })
  after(() => network?.stop())

  /** Liars whose header at a height is not the chain's, and what their story is refused with where nobody else is asked. */
  const headerLies: readonly (readonly [name: string, start: () => Promise<ProxyServer>, code: string])[] = [
    [
      'forges headers and cannot sign them',
      () => lying(block => forgedBlock(block, { header: falseState, sign: () => new Uint8Array(64) }, crypto)),
      'bad-signature',
    ],
    [
      'forges headers and leaves the signatures as they were',
      () => lying(block => ({ ...block, header: { ...block.header, ...falseState } })),
      'wrong-hash',
    ],
    [
      'forges headers and signs them as a validator that nobody elected',
      () => lying(block => forgedBlock(block, { validatorSet: strangers, sign: signedBy([node(4).key]) }, crypto)),
      'wrong-hash',
    ],
  ]
  let strangers: LightBlock['validatorSet']
  before(() => {
    const publicKey = { type: 'ed25519', bytes: node(4).key.publicKey } as const
    const address = validatorAddress(publicKey, crypto)
    strangers = sortedValidatorSet([{ address, publicKey, votingPower: 10n, proposerPriority: 0n }])
  })

  /** The truth up to the root, and lies above. */
  function lying(lie: (block: LightBlock) => LightBlock): Promise<ProxyServer> {
    return startBlockProxy(node(3).rpc, block => (block.header.height <= root.block.header.height ? block : lie(block)))
  }

  async function assertOutvoted(liar: string, code: string): Promise<void> {
    const height = await network.reached(8n)
    const truth = hashOf(await node(0).lightBlock(height))
    for (const servers of [
      [node(0).rpc, liar, node(1).rpc],
      [liar, node(0).rpc, node(1).rpc],
    ]) {
      const answer = await clientOf(root, { servers }).verifyAtHeight(height)
      assert.equal(hashOf(answer.block), truth)
      assert.deepEqual([answer.agreed, answer.silent, answer.refuted], [[node(0).rpc, node(1).rpc], [], [liar]])
    }
    assert.equal(await refusalOf(clientOf(root, { servers: [liar] }).verifyAtHeight(height)), code)
  }

  for (const [name, start, code] of headerLies) {
    test(`a server that ${name} is believed by nobody and named, as primary and as witness`, async t => {
      const liar = await start()
      t.after(liar.close)
      await assertOutvoted(liar.rpc, code)
    })
  }

  test('a server that replays another chain of the same name is believed by nobody and named', async t => {
    const other = await startCometNode({ genesis: genesis => ({ ...genesis, chain_id: network.chainId }) })
    t.after(other.stop)
    await other.reached(await network.reached(8n))
    // At every height, and only above the one that is trusted.
    const replaying = await startBlockProxy(node(3).rpc, block => replayed(other, block))
    t.after(replaying.close)
    await assertOutvoted(`${other.rpc}/`, 'wrong-hash')
    await assertOutvoted(replaying.rpc, 'wrong-hash')
    for (const servers of [
      [`${other.rpc}/`, node(0).rpc],
      [node(0).rpc, replaying.rpc],
    ]) {
      const { code, told } = await runCommand(root, servers)
      assert.deepEqual([code, told.kind, told.agreed], [0, 'verified', [node(0).rpc]])
      assert.deepEqual(
        told.refuted,
        servers.filter(url => url !== node(0).rpc),
      )
    }
  })

  async function replayed(other: CometNode, block: LightBlock): Promise<LightBlock> {
    const { height } = block.header
    await other.reached(height)
    return height <= root.block.header.height ? block : other.lightBlock(height)
  }

  for (const [name, cut] of [
    ['cuts votes off', (votes: Votes) => votes.slice(0, 1)],
    ['leaves out too many votes', (votes: Votes) => votes.map((vote, i) => (i < 2 ? vote : absent))],
  ] as const) {
    test(`a server that ${name} proves nothing, though its header is the true one`, async t => {
      const liar = await lying(block => ({
        ...block,
        commit: { ...block.commit, signatures: cut(block.commit.signatures) },
      }))
      t.after(liar.close)
      const height = await network.reached(8n)
      const servers = [liar.rpc, node(0).rpc]
      const answer = await clientOf(root, { servers }).verifyAtHeight(height)
      assert.equal(hashOf(answer.block), hashOf(await node(1).lightBlock(height)))
      assert.deepEqual([answer.agreed, answer.refuted], [[node(0).rpc], [liar.rpc]])
      const alone = await refusalOf(clientOf(root, { servers: [liar.rpc] }).verifyAtHeight(height))
      assert.match(alone, /^(invalid-commit|insufficient-power)$/)
      const { code, told } = await runCommand(root, [liar.rpc], ['--to', String(height)])
      assert.deepEqual([code, told.kind, told.code], [5, 'refused', alone])
    })
  }

  for (const [kind, header] of [
    ['equivocation', { dataHash: new Uint8Array(32).fill(2) }],
    ['lunatic', { appHash: new Uint8Array(32).fill(3) }],
  ] as const) {
    test(`a fork (${kind}) signed with the validators’ own keys: nothing of it is believed, and evidence comes into a block`, async t => {
      const folder = mkdtempSync(join(tmpdir(), 'muniment-fork-'))
      t.after(() => rmSync(folder, { recursive: true }))
      const from = (await network.reached(8n)) + 1n
      const keys = network.nodes.slice(0, 4).map(each => each.key)
      const fork = await startFork(node(3), { from, header }, { keys, hasher: crypto })
      t.after(fork.close)
      await network.reached(from + 6n)
      const honest = node(0).rpc

      const accused: string[] = []
      for (const [height, servers] of [
        [from + 1n, [honest, fork.rpc]],
        [from + 2n, [fork.rpc, honest]],
      ] as const) {
        const client = clientOf(root, { servers })
        assert.equal(await refusalOf(client.verifyAtHeight(height)), 'conflicting-headers')
        assert.equal(client.head()!.height, root.block.header.height, 'and nothing of either story is trusted')
        accused.push(hashOf(await fork.lightBlock(height)))
      }
      const file = join(folder, 'evidence.json')
      const to = ['--to', String(from + 3n)]
      const { code, told, takenBy } = await runCommand(root, [fork.rpc, honest], [...to, '--evidence', file])
      assert.deepEqual([code, told.code, takenBy], [2, 'conflicting-headers', [honest]])
      accused.push(hashOf(await fork.lightBlock(from + 3n)))
      assert.ok(accusedIn(JSON.parse(readFileSync(file, 'utf8')).map(parseEvidence)).includes(accused.at(-1)!))

      accused.push(await assertTakenOfTip([honest, fork.rpc], kind))
      await assertInBlocks(accused, from)
    })
  }

  test('a fork (amnesia) accuses nobody: it is not believed either, and no node is told, since that would stop it', async t => {
    const from = (await network.reached(8n)) + 1n
    const keys = network.nodes.slice(0, 4).map(each => each.key)
    const header = { dataHash: new Uint8Array(32).fill(4) }
    const fork = await startFork(node(3), { from, header, roundsLater: 1 }, { keys, hasher: crypto })
    t.after(fork.close)
    const honest = await startProxy(node(0).rpc, (method, params, ask) => ask(method, params))
    t.after(honest.close)
    const client = clientOf(root, { servers: [fork.rpc, honest.rpc] })
    assert.equal(await refusalOf(client.verifyAtHeight(await network.reached(from + 1n))), 'conflicting-headers')
    await client.reportEvidence()
    assert.ok((await client.evidence()).length > 0, 'it is kept')
    for (const { asked } of [fork, honest]) assert.ok(!asked.includes('broadcast_evidence'))
    await network.reached((await network.reached(0n)) + 3n)
  })

  /** Answers the hash of the block that is accused. */
  async function assertTakenOfTip(servers: readonly string[], kind: string): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const client = clientOf(root, { servers })
      assert.equal(await refusalOf(client.verifyAtHeight('latest')), 'conflicting-headers')
      const against = (await client.evidence()).map(({ evidence }) => evidence)
      assert.ok(against[0]?.type === 'light-client-attack')
      const { height } = against[0].conflictingBlock.header
      // A node takes nothing about its tip. When it has the next blocks, more votes for the tip have come in, mostly.
      await network.reached(height + 2n)
      await client.reportEvidence()
      const taken = (await client.evidence()).filter(({ takenBy }) => takenBy.includes(servers[0]!))
      assert.equal(taken.length, 1)
      const { evidence } = taken[0]!
      assert.ok(evidence.type === 'light-client-attack')
      const votes = (await node(0).lightBlock(height)).commit.signatures.filter(({ signature }) => signature.length > 0)
      const isLate = evidence.byzantineValidators.length < votes.length
      if (kind !== 'equivocation' || isLate || attempt === 20) return hashOf(evidence.conflictingBlock)
    }
  }

  /** Each of these blocks is accused in a block of the chain, of those that come in the next minute. */
  async function assertInBlocks(accused: readonly string[], from: bigint): Promise<void> {
    const missing = new Set(accused)
    const until = (await network.reached(0n)) + 200n
    for (let height = from; missing.size > 0; height++) {
      assert.ok(height < until, `no block has the evidence against ${missing.size} of ${accused.length}`)
      await network.reached(height, [node(1)])
      const { evidence } = parseBlock((await node(1).call('block', { height: String(height) })).block)
      for (const hash of accusedIn(evidence)) missing.delete(hash)
    }
  }
})

type Votes = LightBlock['commit']['signatures']

const absent: Votes[number] = {
  blockIdFlag: BlockIdFlag.absent,
  validatorAddress: new Uint8Array(0),
  timestamp: zeroTime,
  signature: new Uint8Array(0),
}

function accusedIn(evidence: readonly Evidence[]): readonly string[] {
  return evidence.flatMap(each => (each.type === 'light-client-attack' ? [hashOf(each.conflictingBlock)] : []))
}
