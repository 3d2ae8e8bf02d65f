// HTTPS and pages of other origins, asked over real connections.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import { reached, startTestChain } from '../../../test/test-chain.ts'
import type { Engine } from '../engine/engine.ts'
import type { Application } from '../ledger/application.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { type RpcOptions, startRpc } from './server.ts'
import { makeCertificate } from './test-certificate.ts'
import { followTlsFiles, readTlsPair } from './tls.ts'

let folder = ''
let chain: { readonly engine: Engine; readonly application: Application }
const path = (name: string): string => join(folder, name)
const files = (): { readonly certificate: string; readonly key: string } => ({
  certificate: path('cert.pem'),
  key: path('key.pem'),
})

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muniment-tls-'))
  chain = await startTestChain(memoryDatabase(newDisk()), { heartbeatMs: 600_000 })
  await reached(chain.engine, 1n)
  await write('first.example')
})
after(async () => {
  await chain.engine.stop()
  rmSync(folder, { recursive: true })
})

async function write(name: string): Promise<void> {
  const { certificate, key } = await makeCertificate(name)
  writeFileSync(path('key.pem'), key)
  writeFileSync(path('cert.pem'), certificate)
}

const start = (options: Partial<RpcOptions>): ReturnType<typeof startRpc> =>
  startRpc({ ...chain, host: '127.0.0.1', port: 0, corsOrigins: [], ...options })

type Answer = { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly text: string }

function ask(url: string, method = 'GET', headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, rejectUnauthorized: false, agent: false }, answer => {
      let text = ''
      answer.on('data', chunk => {
        text += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Whose certificate the server shows. */
function shown(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

test('with a certificate the node answers by HTTPS, and by nothing else', async () => {
  const rpc = await start({ tls: files() })
  assert.match(rpc.url, /^https:\/\/127\.0\.0\.1:\d+$/)
  assert.equal((await ask(`${rpc.url}/healthz`)).status, 200)
  assert.match((await ask(`${rpc.url}/status`)).text, /"latest_block_height"/)
  await assert.rejects(fetch(`${rpc.url.replace('https', 'http')}/status`))
  await rpc.close()
})

test('a renewed certificate is used without a restart, and a broken one is told of and passed over', async () => {
  const warnings: string[] = []
  const server = createServer(readTlsPair(files()))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as { port: number }).port}`
  const unfollow = followTlsFiles(server, files(), { onWarning: sentence => warnings.push(sentence), everyMs: 20 })
  assert.equal(await shown(url), 'first.example')
  await write('second.example')
  const until = Date.now() + 5_000
  while ((await shown(url)) !== 'second.example') assert.ok(Date.now() < until, 'the new certificate was not taken')
  writeFileSync(path('cert.pem'), 'half of a fi')
  while (!warnings.some(each => /cert\.pem holds no certificate/.test(each))) {
    assert.ok(Date.now() < until, `no word of the broken file: ${warnings}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  assert.equal(await shown(url), 'second.example')
  unfollow()
  server.close()
  await write('first.example')
})

test('files that can’t be used are one sentence at the start, which names the file', async () => {
  const other = await makeCertificate('other.example')
  writeFileSync(path('other-key.pem'), other.key)
  writeFileSync(path('text.pem'), 'nothing of the kind')
  const cases: readonly [Partial<ReturnType<typeof files>>, RegExp][] = [
    [{ certificate: path('none.pem') }, /^There is no file .*none\.pem\.$/],
    [{ key: path('none.pem') }, /^There is no file .*none\.pem\.$/],
    [{ certificate: path('text.pem') }, /text\.pem holds no certificate/],
    [{ key: path('text.pem') }, /text\.pem holds no private key/],
    [{ certificate: path('key.pem') }, /key\.pem holds no certificate/],
    [{ key: path('other-key.pem') }, /other-key\.pem is not the one of the certificate in .*cert\.pem/],
  ]
  for (const [change, sentence] of cases) {
    await assert.rejects(start({ tls: { ...files(), ...change } }), { name: 'HomeError', message: sentence })
  }
})

test('a page of an allowed origin may ask, one of another may not read what is answered', async () => {
  const rpc = await start({ tls: files(), corsOrigins: ['https://www.example.gov'] })
  const allowed = await ask(`${rpc.url}/status`, 'GET', { origin: 'https://www.example.gov' })
  assert.equal(allowed.headers['access-control-allow-origin'], 'https://www.example.gov')
  assert.equal(allowed.headers.vary, 'Origin')
  const foreign = await ask(`${rpc.url}/status`, 'GET', { origin: 'https://www.example.com' })
  assert.equal(foreign.headers['access-control-allow-origin'], undefined)
  assert.equal(foreign.headers.vary, 'Origin')
  await rpc.close()
})

test('a preflight is answered, also for a node within an office’s network', async () => {
  const rpc = await start({ tls: files(), corsOrigins: ['https://www.example.gov'] })
  const asks = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
    'access-control-request-private-network': 'true',
  }
  const preflight = await ask(rpc.url, 'OPTIONS', { origin: 'https://www.example.gov', ...asks })
  assert.equal(preflight.status, 204)
  assert.match(String(preflight.headers['access-control-allow-methods']), /POST/)
  assert.match(String(preflight.headers['access-control-allow-headers']), /content-type/i)
  assert.equal(preflight.headers['access-control-allow-private-network'], 'true')
  assert.match(String(preflight.headers.vary), /Access-Control-Request-Private-Network/)
  const foreign = await ask(rpc.url, 'OPTIONS', { origin: 'https://www.example.com', ...asks })
  assert.equal(foreign.headers['access-control-allow-origin'], undefined)
  assert.equal(foreign.headers['access-control-allow-private-network'], undefined)
  await rpc.close()
})
