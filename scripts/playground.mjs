// The proofs of the playground, made by our own tools: a network in a folder of its own for a minute, a title and a licence, the
// licence revoked, and the title with one word of it changed. Run when the format of proofs changes: npm run playground. Keys are
// thrown away with the folder, so nobody can add to what is written here.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  createClient,
  decodeBundle,
  encodeBundle,
  formatNetwork,
  loadCrypto,
  parseJson,
  parseNetwork,
  parseTrustRoot,
} from '@muniment/sdk'
import { requireNode, root } from './run.mjs'

requireNode()
const output = join(root, 'demo', 'playground')
const home = mkdtempSync(join(tmpdir(), 'muniment-playground-'))
const ports = ['--port', '0', '--rpc-port', '0', '--p2p-port', '0']
const demo = spawn(process.execPath, ['scripts/start.mjs', '--home', home, ...ports], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  await write(await portalOf(demo))
} finally {
  demo.kill('SIGTERM')
  await new Promise(resolve => demo.once('exit', resolve))
  rmSync(home, { recursive: true, force: true })
}

function portalOf(child) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', line => {
      const ready = /^Ready: (http:\/\/\S+)$/.exec(line)
      if (ready) resolve(ready[1])
    })
    child.once('exit', () => reject(new Error('the demo ended')))
  })
}

async function write(portal) {
  const { records } = await (await fetch(`${portal}/demo/records`)).json()
  const title = records.find(({ service }) => service.startsWith('land.title'))
  const licence = records.find(({ service }) => service.startsWith('trade.licence'))
  await act(portal, { action: 'revoke', id: licence.id })
  const readJson = name => parseJson(readFileSync(join(home, name), 'utf8'))
  const trustRoot = parseTrustRoot(readJson('trust-root.json'))
  const network = parseNetwork(readJson('network.json'))
  const crypto = await loadCrypto()
  const client = await createClient({ root: trustRoot, network, crypto })
  const valid = await witnessedBundle(client, title.link)
  const files = { valid, revoked: await witnessedBundle(client, licence.link), altered: alteredOf(valid) }
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(output, `${name}.muniment`), bytes)
    console.log(`${name}: ${bytes.length} bytes`)
  }
  const { header } = decodeBundle(files.revoked).blocks.at(-1)
  const nobody = formatNetwork({ ...network, peers: [], rpc: [] })
  const plan = { root: readJson('trust-root.json'), network: nobody, madeAt: String(header.time.seconds) }
  writeFileSync(join(output, 'network.json'), `${JSON.stringify(plan, null, 2)}\n`)
  await client.close()
}

async function act(portal, body) {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const { error } = await (await fetch(`${portal}/demo/office`, init)).json()
  if (error) throw new Error(error)
}

/** Under a head that the witnesses have cosigned, which comes a moment after the block. */
async function witnessedBundle(client, link) {
  for (let tries = 0; tries < 30; tries++) {
    const bytes = await client.bundle(link)
    if (decodeBundle(bytes).witnessed) return bytes
    await new Promise(resolve => setTimeout(resolve, 1_000))
  }
  throw new Error('no witness has cosigned')
}

/** Another owner, in as many letters. */
function alteredOf(bytes) {
  const bundle = decodeBundle(bytes)
  const parts = bundle.document.split('~').map(part => {
    const text = Buffer.from(part, 'base64url').toString()
    return text.includes('Example owner A') && text.startsWith('[')
      ? Buffer.from(text.replace('Example owner A', 'Example owner Z')).toString('base64url')
      : part
  })
  const document = parts.join('~')
  if (document === bundle.document) throw new Error('there is no owner to change')
  return encodeBundle({ ...bundle, document })
}
