// `muniment audit` as a command: what it says, what it leaves behind, and its exit code.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chainId, killAll, makeBlocks, makeHome, startNodeProcess } from './witness-network.ts'

const main = fileURLToPath(new URL('../node/src/main.ts', import.meta.url))
let folder = ''
let rpc = ''

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muniment-audit-'))
  const root = await makeHome(folder)
  rpc = (await startNodeProcess(join(folder, 'home'))).value('RPC')
  for (let count = 0; count < 3; count++) await makeBlocks(rpc, root)
})
after(async () => {
  await killAll()
  rmSync(folder, { recursive: true })
})

type Ended = { readonly code: number | null; readonly output: string; readonly errors: string }

function audit(node: string, ...more: readonly string[]): Promise<Ended> {
  const args = ['audit', '--node', node, '--root', join(folder, 'trust-root.json'), ...more]
  const child = spawn(process.execPath, ['--conditions=source', main, ...args], { cwd: folder })
  let [output, errors] = ['', '']
  child.stdout.on('data', text => {
    output += text
  })
  child.stderr.on('data', text => {
    errors += text
  })
  return new Promise(resolve => child.once('close', code => resolve({ code, output, errors })))
}

test('an honest chain: it says what it compared, and ends with 0', async () => {
  const { code, output, errors } = await audit(rpc)
  assert.equal(code, 0, errors)
  assert.match(output, new RegExp(`^Chain ${chainId}: \\d+ leaves of the history log were compared`))
  assert.match(output, /They agree with the log\nunder block \d+ of .*, [0-9a-f]{64}\.\n/)
  assert.match(output, /The log's checkpoint of \d+ leaves agrees as well\./)
  assert.match(errors, /^compared \d+ of \d+ blocks\n$/)
})

test('worked out anew: it says how much, and that it follows by the rules', async () => {
  const { code, output, errors } = await audit(rpc, '--replay')
  assert.equal(code, 0, errors)
  assert.match(
    output,
    /\d+ blocks with \d+ transactions were worked out anew: the state up to block\n\d+, app hash [0-9a-f]{64}, follows/,
  )
  assert.match(errors, /worked out \d+ of \d+ blocks\n$/)
  const work = join(folder, 'work')
  assert.equal((await audit(rpc, '--replay', '--work', work)).code, 0)
  const again = await audit(rpc, '--replay', '--work', work)
  assert.match(again.output, /\n[01] blocks with/, 'it goes on from where it was')
  const without = await audit(rpc, '--work', work)
  assert.match(without.errors, /^--work goes with --replay\./)
})

test('a contradiction: it says which, keeps the evidence, and ends with 1', async () => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = request.method === 'POST' ? { method: 'POST', body: Buffer.concat(chunks) } : {}
    const answer = await fetch(`${rpc}${request.url}`, body)
    const bytes = Buffer.from(await answer.arrayBuffer())
    response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type')! })
    const isPage = request.url!.startsWith('/blockchain')
    response.end(isPage ? String(bytes).replace(/"app_hash":"../g, '"app_hash":"00') : bytes)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { code, errors } = await audit(url, '--evidence', join(folder, 'evidence.json'))
  server.closeAllConnections()
  server.close()
  assert.equal(code, 1)
  assert.match(errors, /Block \d+ names [0-9a-f]{64} as the one before it, and the node serves another/)
  assert.match(errors, /The evidence is kept in .*evidence\.json\.\n$/)
  assert.equal(JSON.parse(readFileSync(join(folder, 'evidence.json'), 'utf8')).kind, 'link')
})

test('what can’t be audited is one sentence, and ends with 1', async () => {
  const gone = await audit('http://127.0.0.1:1')
  assert.deepEqual([gone.code, gone.errors], [1, "The log can't be audited: there was no answer.\n"])
  const missing = await audit(rpc, '--network', join(folder, 'none.json'))
  assert.equal(missing.code, 1)
  assert.match(missing.errors, /^There is no file .*none\.json\.\n/)
  assert.ok(!existsSync(join(folder, 'muniment-audit-evidence.json')))
})
