// The portal's server before hostile requests, sent as raw lines, since clients tidy them up.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startPortal } from '../../demo/server/portal.ts'

let folder = ''
let port = 0
let close: () => Promise<void>
let acts: unknown[] = []
let asked: { url: string | undefined; host: string | undefined }[] = []
const stranger = createServer((_, response) => void response.end('the stranger’s answer'))
let strangerPort = 0
const node = createServer((request: IncomingMessage, response) => {
  asked.push({ url: request.url, host: request.headers.host })
  if (request.url === '/slow') return
  if (request.url === '/breaks') return void response.destroy()
  response.end('{"from":"node"}')
})

const listen = (server: typeof node): Promise<number> =>
  new Promise(resolve =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    }),
  )

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muniment-portal-'))
  mkdirSync(join(folder, 'pages', 'folder.html'), { recursive: true })
  writeFileSync(join(folder, 'pages', 'index.html'), '<!doctype html>')
  writeFileSync(join(folder, 'secret.html'), 'secret')
  mkdirSync(join(folder, 'pages-of-another'))
  writeFileSync(join(folder, 'pages-of-another', 'index.html'), 'secret')
  symlinkSync('nowhere', join(folder, 'pages', 'broken.html'))
  strangerPort = await listen(stranger)
  const portal = await startPortal({
    host: '127.0.0.1',
    port: 0,
    folder: join(folder, 'pages'),
    rpc: `http://127.0.0.1:${await listen(node)}`,
    networkJson: () => '{}',
    async demo(path, body) {
      if (path !== '/demo/office') return undefined
      acts.push(body)
      return { done: true }
    },
  })
  port = portal.port
  close = portal.close
})
after(async () => {
  await close()
  for (const server of [node, stranger]) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(folder, { recursive: true })
})

/** What comes back for lines as they stand. */
function send(lines: readonly string[], body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`))
    let text = ''
    socket.setTimeout(5_000, () => socket.destroy())
    socket.on('data', chunk => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

const get = (path: string, host = `localhost:${port}`): Promise<string> =>
  send([`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close'])
const status = (answer: string): number => Number(answer.split(' ')[1])

test('no path leads out of the folder, and none brings the server down', async () => {
  const paths = [
    '/../secret.html',
    '/..%2fsecret.html',
    '/%2e%2e/secret.html',
    '/%2e%2e%2fsecret.html',
    '/..%5csecret.html',
    '/x/..%2f..%2fsecret.html',
    '/..%2fpages-of-another%2findex.html',
    '/%00.html',
    '/%',
    '/%ff.html',
    '/folder.html',
    '/broken.html',
    '/index.html/x.html',
    `/${'a'.repeat(5_000)}.html`,
    '//',
    '//localhost/index.html',
    'http://localhost/index.html',
    '*',
  ]
  for (const path of paths) {
    const answer = await get(path)
    assert.ok([400, 404].includes(status(answer)), `${path}: ${answer.slice(0, 40)}`)
    assert.ok(!answer.includes('secret'))
  }
  assert.equal(status(await get('/')), 200)
})

test('the proxy asks the node only, whatever a path says', async () => {
  asked = []
  const elsewhere = `127.0.0.1:${strangerPort}`
  for (const path of [
    `/rpc//${elsewhere}/x`,
    `/rpc/\\\\${elsewhere}/x`,
    `/rpc/http://${elsewhere}/x`,
    `/rpc@${elsewhere}/`,
    `/rpc/..//${elsewhere}/x`,
  ]) {
    const answer = await get(path)
    assert.ok(!answer.includes('the stranger’s answer'), path)
  }
  assert.ok(asked.every(({ host }) => !host?.endsWith(String(strangerPort))))
  assert.match(await get('/rpc/status?a=1'), /"from":"node"/)
  assert.equal(asked.at(-1)!.url, '/status?a=1')
  assert.ok([502, 0].includes(status(await get('/rpc/breaks')) || 0))
  assert.equal(status(await get('/')), 200)
})

test('a name that somebody else points at this machine is not served', async () => {
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '',
    'localhost@evil',
  ])
    assert.ok([400, 421].includes(status(await get('/demo/records', host))), host)
  assert.equal(status(await get('/', `127.0.0.1:${port}`)), 200)
})

const post = (headers: readonly string[], body: string, path = '/demo/office'): Promise<string> =>
  send(
    [
      `POST ${path} HTTP/1.1`,
      `Host: localhost:${port}`,
      'Connection: close',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...headers,
    ],
    body,
  )

test('no page of another origin can make the office act, or speak to the node', async () => {
  acts = []
  asked = []
  const json = 'Content-Type: application/json'
  const foreign = [
    'https://evil.example',
    'null',
    `http://localhost:${port + 1}`,
    `http://localhost.evil:${port}`,
    'nonsense',
  ]
  for (const origin of foreign) {
    assert.equal(status(await post([json, `Origin: ${origin}`], '{}')), 403, origin)
    assert.equal(status(await post([json, `Origin: ${origin}`], '{}', '/rpc')), 403, origin)
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
    assert.equal(status(await post([`Content-Type: ${type}`], '{}')), 403, type)
  assert.equal(
    status(
      await send([
        'OPTIONS /demo/office HTTP/1.1',
        `Host: localhost:${port}`,
        'Origin: https://evil.example',
        'Connection: close',
      ]),
    ) >= 200,
    true,
  )
  assert.deepEqual([acts.filter(body => body !== undefined), asked], [[], []])
  assert.equal(status(await post([json, `Origin: http://localhost:${port}`], '{"a":1}')), 200)
  assert.deepEqual(acts.at(-1), { a: 1 })
})

test('a body that is too long, no JSON, or cut off is refused and costs nothing', async () => {
  acts = []
  const json = 'Content-Type: application/json'
  assert.equal(status(await post([json], JSON.stringify('x'.repeat(70_000)))), 400)
  assert.equal(status(await post([json], '{')), 400)
  const cut = await send([`POST /demo/office HTTP/1.1`, `Host: localhost:${port}`, json, 'Content-Length: 1000'], '{}')
  assert.ok(cut === '' || status(cut) >= 400)
  assert.deepEqual(acts, [])
  assert.equal(status(await get('/')), 200)
})

test('answers are never sniffed for another type, and pages come under the strict policy', async () => {
  for (const path of ['/', '/demo/office', '/network.json', '/rpc/status'])
    assert.match(await get(path), /x-content-type-options: nosniff/i, path)
  const page = await get('/')
  assert.match(page, /content-security-policy: default-src 'none'; script-src 'self'/)
  assert.ok(!page.includes('unsafe-inline') && !page.includes("'unsafe-eval'"))
})
