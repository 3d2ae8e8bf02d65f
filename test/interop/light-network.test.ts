// Our light client in front of a real CometBFT v0.40.0 network whose validators come and go, and whose nodes are killed,
// stopped and cut off from each other.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { formatHex } from '../../sdk/src/bytes.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import type { LightAnswer } from '../../sdk/src/light/client.ts'
import { requestTimeoutMs } from '../../sdk/src/limits.ts'
import { addSeconds, type Timestamp, timeFromMilliseconds } from '../../sdk/src/time.ts'
import { goSkip } from './go.ts'
import { inOrder, type LightNetwork, type NetworkNode, pause, startLightNetwork } from './light-network.ts'
import { clientOf, crypto, hashOf, refusalOf, runCommand, startCommand, type TestRoot } from './light-network-client.ts'
import { type ProxyServer, startProxy } from './light-network-proxy.ts'

after(() => crypto.close())

describe('CometBFT v0.40.0, a living network', { skip: goSkip, timeout: 600_000 }, () => {
  let network: LightNetwork
  let root: TestRoot
  const node = (index: number): NetworkNode => network.nodes[index]!
  const servers = (...indices: readonly number[]): readonly string[] => indices.map(index => node(index).rpc)

  before(async () => {
    network = await startLightNetwork()
    await network.reached(2n)
    root = { chainId: network.chainId, block: await node(0).lightBlock(2n) }
  })
  after(() => network?.stop())

  async function assertTrue(answer: LightAnswer, witness = node(0)): Promise<void> {
    await network.reached(answer.height, [witness])
    const block = await witness.lightBlock(answer.height)
    assert.equal(hashOf(answer.block), hashOf(block))
    assert.deepEqual(powersOf(answer.block), powersOf(block))
  }

  test('validators join, leave and change power while the client follows, and the set at the end is the chain’s own', async () => {
    const following = (['skipping', 'sequential'] as const).map(mode =>
      clientOf(root, { servers: servers(0, 1), mode }),
    )
    const sets = new Set<string>()
    const [a, b, c, d, e] = network.nodes as [NetworkNode, NetworkNode, NetworkNode, NetworkNode, NetworkNode]
    const changes = [
      [[e, 10]],
      [
        [a, 0],
        [b, 0],
        [c, 0],
      ],
      [[d, 40]],
      [[e, 0]],
    ] as const
    for (const change of changes) {
      const from = await network.setPowers(change)
      await network.reached(from + 1n)
      for (const client of following) {
        const answer = await client.verifyAtHeight('latest')
        assert.ok(answer.height >= from)
        await assertTrue(answer)
        sets.add(powersOf(answer.block).join())
      }
    }
    assert.equal(sets.size, changes.length, 'the client saw each set')

    // One that comes late: of the four that it knows, only one is left, which is less than the third it asks for.
    const height = following[0]!.head()!.height
    const steps = { skipping: 0, sequential: 0 }
    for (const mode of ['skipping', 'sequential'] as const) {
      const late = await clientOf(root, { servers: servers(0, 1), mode }).verifyAtHeight(height, {
        onProgress: progress => {
          steps[mode] = progress.steps
        },
      })
      await assertTrue(late)
    }
    assert.ok(steps.skipping > 2, `no single step leads there: ${steps.skipping}`)
    assert.equal(steps.sequential, Number(height - root.block.header.height))
    const { code, told } = await runCommand(root, servers(0, 1), ['--sequential', '--to', String(height)])
    assert.deepEqual([code, told.kind, told.hash], [0, 'verified', hashOf(following[0]!.head()!.block)])

    const from = await network.setPowers([
      [a, 40],
      [b, 40],
      [c, 40],
    ])
    await network.reached(from + 1n)
    for (const client of following) {
      const answer = await client.verifyAtHeight('latest')
      await assertTrue(answer)
      assert.deepEqual(
        answer.block.validatorSet.validators.map(each => each.votingPower),
        [40n, 40n, 40n, 40n],
      )
    }
  })

  test('the primary is killed while the client follows: a witness takes over, and the answer says who agreed', async t => {
    const command = startCommand(root, servers(3, 0, 1), ['--follow'])
    t.after(command.stop)
    await command.told(({ agreed }) => agreed?.includes(node(3).rpc) === true)
    const height = await network.reached(40n)
    // In the middle of what the primary is asked for on the way from block to block.
    let asked = 0
    const killing: typeof fetch = async (url, init) => {
      asked++
      if (asked === 20) await node(3).kill()
      return fetch(url, init)
    }
    t.after(async () => {
      if ((await node(3).height()) === undefined) await node(3).restart()
    })
    const client = clientOf(root, { servers: servers(3, 0, 1), mode: 'sequential', rpc: { fetch: killing } })
    const answer = await client.verifyAtHeight(height)
    assert.ok(asked >= 20, 'the primary was killed on the way')
    await assertTrue(answer)
    // The dead one may have told of that very block before.
    assert.deepEqual(answer.agreed.slice(0, 2), servers(0, 1))
    const next = await client.verifyAtHeight(await network.reached(height + 2n, [node(0), node(1)]))
    assert.deepEqual([next.agreed.toSorted(), next.silent], [servers(0, 1).toSorted(), servers(3)])

    const without = await command.told(
      line => Number(line.height) > height && line.silent?.includes(node(3).rpc) === true,
    )
    assert.deepEqual([without.kind, without.agreed?.toSorted()], ['verified', servers(0, 1).toSorted()])
    await node(3).restart()
    await network.reached(await network.reached(0n, [node(0)]), [node(3)])
    await command.told(
      line => Number(line.height) > Number(without.height) && line.agreed?.includes(node(3).rpc) === true,
    )
    assert.equal(await command.stop(), 0)
    assert.ok(
      command.lines.every(({ kind }) => kind === 'verified'),
      'nobody was left without an answer',
    )
  })

  for (const [role, order] of [
    ['witness', [0, 2, 1]],
    ['primary', [2, 0, 1]],
  ] as const) {
    test(`a ${role} that has stopped, or shows an old tip, is no attack: it is named, and holds nobody up for long`, async t => {
      const stopped = node(2)
      const others = servers(0, 1).toSorted()
      const client = clientOf(root, { servers: servers(...order) })
      const before = await client.verifyAtHeight('latest')
      t.after(stopped.thaw)
      stopped.freeze()
      const height = await network.reached(before.height + 3n, [node(0), node(1)])
      for (const asking of [client, clientOf(root, { servers: servers(...order) })]) {
        const begun = Date.now()
        const answer = await asking.verifyAtHeight(height)
        assert.ok(Date.now() - begun < requestTimeoutMs, 'sooner than one question to it may take')
        await assertTrue(answer)
        assert.deepEqual([answer.agreed.toSorted(), answer.silent, answer.refuted], [others, [stopped.rpc], []])
      }
      const { code, told } = await runCommand(root, servers(...order))
      assert.deepEqual([code, told.silent?.includes(stopped.rpc)], [0, true])
      assert.ok(BigInt(told.height!) >= height)

      stopped.thaw()
      const whole = await network.reached(height + 3n)
      const { agreed } = await clientOf(root, { servers: servers(...order) }).verifyAtHeight(whole)
      assert.equal(agreed.length, 3, 'once it goes on, it counts again')

      const old = await startOldTip(stopped, before.height)
      t.after(old.close)
      const urls = order.map(index => (index === 2 ? old.rpc : node(index).rpc))
      const answer = await clientOf(root, { servers: urls }).verifyAtHeight(whole)
      await assertTrue(answer)
      assert.deepEqual([answer.agreed.toSorted(), answer.silent, answer.refuted], [others, [old.rpc], []])
      const beyond = await clientOf(root, { servers: urls }).verifyAtHeight('latest')
      assert.ok(beyond.height >= whole && beyond.silent.includes(old.rpc))
    })
  }

  test('the network is split, two and two: nothing is verified beyond its last block, and it goes on by itself', async t => {
    const command = startCommand(root, servers(0, 2), ['--follow'])
    t.after(command.stop)
    const client = clientOf(root, { servers: servers(0, 2) })
    const before = await client.verifyAtHeight('latest')
    t.after(network.heal)
    network.split([node(0), node(1)])
    const last = await standstill(network)
    const answer = await client.verifyAtHeight('latest')
    assert.equal(answer.height, last)
    assert.ok(last >= before.height)
    await assertTrue(answer, (await node(0).height()) === last ? node(0) : node(2))
    assert.equal(await refusalOf(client.verifyAtHeight(last + 1n)), 'unavailable')
    assert.equal(client.head()!.height, last)
    const { code, told } = await runCommand(root, servers(0, 2), ['--to', String(last + 1n)])
    assert.deepEqual([code, told.kind, told.code], [4, 'refused', 'unavailable'])
    // Two hours without a block are more than the trusting period.
    const later = (): Timestamp => addSeconds(timeFromMilliseconds(Date.now()), 7_200)
    const late = clientOf(root, { servers: servers(0, 2), now: later })
    assert.equal(await refusalOf(late.verifyAtHeight('latest')), 'expired')
    await command.told(({ height }) => BigInt(height!) === last)
    assert.equal(BigInt(command.lines.at(-1)!.height!), last, 'and the watch says nothing more')

    network.heal()
    await network.reached(last + 2n)
    await command.told(({ kind, height }) => kind === 'verified' && BigInt(height!) > last)
    assert.equal(await command.stop(), 0)
    const after = await client.verifyAtHeight('latest')
    assert.ok(after.height > last)
    await assertTrue(after)
    assert.deepEqual(after.refuted, [])
  })
})

function powersOf({ validatorSet }: LightBlock): readonly string[] {
  return validatorSet.validators.map(({ address, votingPower }) => `${formatHex(address)}:${votingPower}`)
}

/** A node that says of all above a height that it has none yet. */
function startOldTip(node: NetworkNode, tip: bigint): Promise<ProxyServer> {
  return startProxy(node.rpc, async (method, params, ask) => {
    if (method === 'commit' && params.height === undefined) return ask(method, { height: String(tip) })
    assert.ok(params.height === undefined || BigInt(params.height) <= tip, 'no such height yet')
    return ask(method, params)
  })
}

/** The last height, once no node has found another one for two seconds. */
async function standstill({ nodes }: LightNetwork): Promise<bigint> {
  let before = ''
  for (let looks = 0; looks < 30; looks++) {
    const heights = await Promise.all(nodes.map(each => each.height()))
    if (before === heights.join()) return inOrder(heights.map(each => each!)).at(-1)!
    before = heights.join()
    await pause(2_000)
  }
  assert.fail(`blocks without two thirds: ${before}`)
}
