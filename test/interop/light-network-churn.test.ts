// Whatever happens to a live network and its servers, one thing after another, the light client's answers are the chain's own.
// NETWORK_ROUNDS and NETWORK_SEED decide what happens; `npm run soak` lets far more happen.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { encodeUtf8 } from '../../sdk/src/bytes.ts'
import type { LightClient } from '../../sdk/src/light/client.ts'
import { forgedBlock } from '../divergence.ts'
import { goSkip } from './go.ts'
import { inOrder, type LightNetwork, type NetworkNode, pause, startLightNetwork } from './light-network.ts'
import { clientOf, crypto, hashOf, refusalOf, type TestRoot } from './light-network-client.ts'
import { startFork } from './light-network-fork.ts'
import { type ProxyServer, startBlockProxy } from './light-network-proxy.ts'

after(() => crypto.close())

const rounds = Number(process.env.NETWORK_ROUNDS ?? 2)
const seed = Number(process.env.NETWORK_SEED ?? Date.now() % 2 ** 31)

describe('CometBFT v0.40.0, a network to which everything happens', { skip: goSkip, timeout: 14_400_000 }, () => {
  let network: LightNetwork
  let root: TestRoot
  let liar: ProxyServer
  let followers: readonly LightClient[]
  const random = randomFrom(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const shuffled = <T>(list: readonly T[]): readonly T[] =>
    list
      .map(value => ({ value, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ value }) => value)

  before(async () => {
    network = await startLightNetwork()
    await network.reached(2n)
    root = { chainId: network.chainId, block: await network.nodes[0]!.lightBlock(2n) }
    const header = { appHash: new Uint8Array(32).fill(9) }
    // It lies about every third block, and not about the first.
    liar = await startBlockProxy(network.nodes[0]!.rpc, block =>
      block.header.height % 3n === 0n ? forgedBlock(block, { header, sign: () => new Uint8Array(64) }, crypto) : block,
    )
    followers = (['skipping', 'sequential'] as const).map(mode => clientOf(root, { servers: shuffledServers(), mode }))
  })
  after(async () => {
    await liar?.close()
    await network?.stop()
  })

  const shuffledServers = (): readonly string[] => shuffled([liar.rpc, ...network.nodes.map(({ rpc }) => rpc)])

  const powers = new Map<NetworkNode, number>()

  /** Validators join, leave, and change power; two at least stay. */
  async function changePowers(): Promise<() => Promise<void>> {
    const { nodes } = network
    for (const [i, node] of nodes.entries()) if (!powers.has(node)) powers.set(node, i < 4 ? 1 : 0)
    const next = new Map(nodes.map(node => [node, pick([0, 1, 3, 9, 27])]))
    for (const node of shuffled(nodes).slice(0, 2)) next.set(node, pick([1, 3, 9]))
    const changes = nodes
      .filter(node => next.get(node) !== powers.get(node))
      .map(node => [node, next.get(node)!] as const)
    for (const [node, power] of changes) powers.set(node, power)
    if (changes.length > 0) await network.reached(await network.setPowers(changes))
    return async () => {}
  }

  const events = {
    nothing: async () => async () => {},
    'other powers': changePowers,
    'one is killed': async () => {
      const node = pick(network.nodes)
      await node.kill()
      return node.restart
    },
    'one stops': async () => {
      const node = pick(network.nodes)
      node.freeze()
      return async () => node.thaw()
    },
    'they are split': async () => {
      network.split(shuffled(network.nodes).slice(0, 2))
      return async () => network.heal()
    },
  } as const

  async function assertTrueOf(client: LightClient): Promise<void> {
    const before = client.head()?.height ?? 0n
    const { height, block, agreed, refuted } = await client.verifyAtHeight('latest')
    assert.ok(height >= before)
    assert.ok(!agreed.includes(liar.rpc) || height % 3n !== 0n)
    assert.ok(
      refuted.every(label => label === liar.rpc),
      `an honest one was refuted: ${refuted}`,
    )
    const told = await Promise.any(network.nodes.map(node => withinASecond(node.lightBlock(height))))
    assert.equal(hashOf(block), hashOf(told))
  }

  /** Known to have been signed twice: whoever is asked of both stories believes neither. */
  async function assertForkIsSeen(): Promise<void> {
    const [honest, other] = shuffled(network.nodes)
    const from = (await network.reached(0n)) + 1n
    const header = pick([{ appHash: new Uint8Array(32).fill(3) }, { dataHash: new Uint8Array(32).fill(2) }])
    const keys = network.nodes.map(({ key }) => key)
    const fork = await startFork(other!, { from, header }, { keys, hasher: crypto })
    try {
      const height = await network.reached(from + 2n)
      const servers = shuffled([honest!.rpc, fork.rpc])
      assert.equal(await refusalOf(clientOf(root, { servers }).verifyAtHeight(height)), 'conflicting-headers')
    } finally {
      await fork.close()
    }
  }

  test(`${rounds} things happen, one after another (NETWORK_SEED=${seed})`, async t => {
    for (let round = 1; round <= rounds; round++) {
      const name = pick(Object.keys(events) as (keyof typeof events)[])
      const undo = await events[name]()
      await pause(random() * 1_500)
      const cold = clientOf(root, { servers: shuffledServers(), mode: pick(['skipping', 'sequential']) })
      try {
        for (const client of [...followers, cold]) await assertTrueOf(client)
      } catch (error) {
        throw new Error(`round ${round}: ${name}`, { cause: error })
      } finally {
        await undo()
      }
      const heights = await Promise.all(network.nodes.map(async node => (await node.height()) ?? 0n))
      await network.reached(inOrder(heights).at(-1)! + 2n)
      for (const client of followers) await assertTrueOf(client)
      if (random() < 0.2) await assertForkIsSeen()
      if (rounds > 20 && round % 10 === 0) t.diagnostic(`round ${round}, height ${heights[0]}`)
    }
  })
})

function withinASecond<T>(promise: Promise<T>): Promise<T> {
  return Promise.race([promise, pause(1_000).then(() => assert.fail('no answer'))])
}

/** What happens is repeatable, though not when. */
function randomFrom(start: number): () => number {
  let drawn = 0
  return () => {
    const [a, b, c] = crypto.sha256(encodeUtf8(`${start} ${drawn++}`)) as unknown as readonly [number, number, number]
    return (a * 65_536 + b * 256 + c) / 2 ** 24
  }
}
