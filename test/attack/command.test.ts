// The command `muniment` with what operators get wrong: one sentence each, never a stack.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../node/src/main.ts', import.meta.url))
let folder = ''
const path = (name: string): string => join(folder, name)

type Ended = { readonly code: number | null; readonly told: string }

/** Runs until it ends, or until it says that it is ready. */
function run(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['--conditions=source', main, ...args], { cwd: folder })
  let told = ''
  const stop = setTimeout(() => child.kill('SIGKILL'), 30_000)
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', text => {
      told += text
      if (told.includes('The engine is embedded')) child.kill('SIGTERM')
    })
  return new Promise(resolve =>
    child.once('close', code => {
      clearTimeout(stop)
      resolve({ code, told })
    }),
  )
}

function assertSentence({ code, told }: Ended, pattern: RegExp): void {
  assert.equal(code, 1, told)
  assert.match(told, pattern)
  assert.ok(!/\n\s+at |node:internal|mistake in it/.test(told), `a stack: ${told}`)
  assert.equal(told.split('\n\n')[0]!.trim().split('\n').length, 1, told)
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muniment-command-'))
  writeFileSync(path('app.json'), '{}')
  writeFileSync(path('bad.json'), '{bad')
  writeFileSync(path('list.json'), '[]')
  assert.equal(
    (await run('init', '--home', path('home'), '--chain-id', 'test-command', '--app-state', path('app.json'))).code,
    0,
  )
})
after(() => rmSync(folder, { recursive: true }))

const node = (home: string, ...more: readonly string[]): Promise<Ended> =>
  run('node', '--home', path(home), '--rpc-port', '0', '--p2p-port', '0', ...more)

test('arguments that are missing, unknown or nonsense', async () => {
  const cases: readonly [readonly string[], RegExp][] = [
    [['nonsense'], /no command nonsense/],
    [['constructor'], /no command constructor/],
    [['node'], /--home is missing/],
    [['node', '--bogus'], /--bogus/],
    [['node', '--home', path('home'), '--rpc-port', 'x'], /x is no port/],
    [['node', '--home', path('home'), '--rpc-port', ''], /is no port/],
    [['node', '--home', path('home'), '--p2p-port', '70000'], /70000 is no port/],
    [['node', '--home', path('home'), '--p2p-port', '1e3'], /1e3 is no port/],
    [['node', '--home', path('home'), '--p2p-port', '65535'], /65536 is no port/],
    [['node', '--home', path('home'), '--direct-port', '70000'], /70000 is no port/],
    [['init', '--home', path('other'), '--chain-id', 'a b', '--app-state', path('app.json')], /a b is no chain id/],
    [['init', '--home', path('other'), '--chain-id', 'a', '--app-state', path('none.json')], /none\.json/],
    [['init', '--home', path('other'), '--chain-id', 'a', '--app-state', folder], /app state/],
    [['init', '--home', path('other'), '--chain-id', 'a', '--app-state', path('bad.json')], /bad\.json/],
    [['init', '--home', path('other'), '--chain-id', 'a', '--app-state', path('list.json')], /no JSON object/],
  ]
  const ended = await Promise.all(cases.map(([args]) => run(...args)))
  for (const [index, [, pattern]] of cases.entries()) assertSentence(ended[index]!, pattern)
})

test('a home that is missing, damaged, or in use', async () => {
  assertSentence(await node('none'), /no genesis file at .*none.config.genesis\.json; make a home first/)
  const damage: readonly [string, string, RegExp][] = [
    ['config/genesis.json', '{}', /genesis file .* can’t be used/],
    ['config/peer_key', 'garbage', /peer_key is damaged/],
    ['config/webrtc_certificate.json', '{', /webrtc_certificate\.json is damaged/],
    ['config/webrtc_certificate.json', '{"privateKey":"x","pem":"y"}', /webrtc_certificate\.json is damaged/],
    ['config/priv_validator_key.json', '{}', /priv_validator_key\.json/],
  ]
  for (const [file, content, pattern] of damage) {
    cpSync(path('home'), path('damaged'), { recursive: true })
    writeFileSync(join(path('damaged'), file), content)
    assertSentence(await node('damaged'), pattern)
    rmSync(path('damaged'), { recursive: true })
  }
})

test('a home that may not be written', {
  skip: process.getuid?.() === 0 ? 'root may write everywhere' : false,
}, async () => {
  cpSync(path('home'), path('closed'), { recursive: true })
  chmodSync(join(path('closed'), 'data'), 0o500)
  assertSentence(await node('closed'), /no permission/)
  chmodSync(join(path('closed'), 'data'), 0o700)
})

test('a port in use, for RPC and for WebRTC, and an address that is not this machine’s', async () => {
  const tcp = createServer()
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', () => resolve()))
  const udp = createSocket('udp4')
  await new Promise<void>(resolve => udp.bind(0, '127.0.0.1', () => resolve()))
  const taken = tcp.address()
  const rpcPort = typeof taken === 'object' && taken ? taken.port : 0
  assertSentence(await node('home', '--rpc-port', String(rpcPort)), new RegExp(`Port ${rpcPort} .* is in use`))
  assertSentence(
    await node('home', '--p2p-port', String(udp.address().port)),
    new RegExp(`UDP port ${udp.address().port} .* is in use`),
  )
  assertSentence(await node('home', '--host', 'nowhere'), /nowhere is no IP address/)
  assertSentence(await node('home', '--host', '203.0.113.9'), /203\.0\.113\.9 is no address of this machine/)
  tcp.close()
  udp.close()
})

test('and with everything right it starts, and stops when it is told to', async () => {
  const { code, told } = await node('home')
  assert.equal(code, 0, told)
  assert.match(told, /^RPC: http:\/\/127\.0\.0\.1:\d+\nWebRTC: \/ip4\/127\.0\.0\.1\/udp\//)
})
