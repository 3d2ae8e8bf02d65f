import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { JsonObject } from '@muniment/sdk'
import { openManualClock } from './clock.ts'
import { initHome } from './init.ts'
import { type Node, startNode } from './node.ts'

const month = 30 * 86_400

async function within(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'muniment-clock-'))
  try {
    await run(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function start(home: string, clock: 'system' | 'manual'): Promise<Node> {
  const config = { home, host: '127.0.0.1', rpcPort: 0, p2pPort: 0, corsOrigins: [], clock }
  return startNode(config, error => {
    throw error
  })
}

async function ask(node: Node, path: string): Promise<{ readonly result?: JsonObject; readonly error?: JsonObject }> {
  return (await (await fetch(`${node.rpc}/${path}`)).json()) as never
}

const init = (home: string, chainId: string, appState: JsonObject): Promise<void> =>
  initHome(home, { chainId, appState, now: Date.now() })

test('a chain that was begun for it is told the time: blocks go on from there, also after a restart, and its status says so', () =>
  within(async home => {
    await init(home, 'test-clock', { manual_clock: true })
    const node = await start(home, 'manual')
    const before = node.engine.newest().time.seconds
    assert.ok((await ask(node, `advance_clock?seconds=${month}`)).result)
    await new Promise<void>(resolve => {
      const end = node.engine.subscribe(() => {
        if (node.engine.newest().time.seconds < before + BigInt(month)) return
        end()
        resolve()
      })
    })
    const { result } = await ask(node, 'status')
    assert.match(JSON.stringify(result), /"clock":"manual/)
    for (const seconds of ['0', '-5', '99999999999', 'x'])
      assert.ok((await ask(node, `advance_clock?seconds=${seconds}`)).error, seconds)
    await node.stop()
    const again = await start(home, 'manual')
    assert.ok(again.engine.newest().time.seconds >= before + BigInt(month))
    assert.equal(again.engine.status().stalled, undefined)
    await again.stop()
  }))

test('every other chain takes its time from the machine, whoever asks', () =>
  within(async home => {
    await init(home, 'test-clock', {})
    await assert.rejects(start(home, 'manual'), { code: 'home-other-chain' })
    const node = await start(home, 'system')
    assert.match(JSON.stringify(await ask(node, 'advance_clock?seconds=60')), /takes its time from the machine/)
    assert.doesNotMatch(JSON.stringify(await ask(node, 'status')), /"clock"/)
    await node.stop()
  }))

test('a node that was not told so keeps the machine’s time, also on a chain that may be told', () =>
  within(async home => {
    await init(home, 'test-clock', { manual_clock: true })
    const node = await start(home, 'system')
    assert.ok((await ask(node, 'advance_clock?seconds=60')).error)
    assert.match(JSON.stringify(await ask(node, 'status')), /"clock":"manual/)
    await node.stop()
  }))

test('only a chain whose name says that it is a test may be told the time', () =>
  within(async home => {
    await init(home, 'land-1', { manual_clock: true })
    await assert.rejects(start(home, 'system'), /test-/)
  }))

test('a file that is no clock is not taken for the beginning of time', () =>
  within(async folder => {
    const file = join(folder, 'clock.json')
    for (const text of ['', '{}', '{"aheadSeconds":"5"}', '{"aheadSeconds":-5}', 'null']) {
      writeFileSync(file, text)
      assert.throws(() => openManualClock(file), { code: 'file-malformed' }, text)
    }
  }))
