// `npm run release`: what people load by themselves is on the ledger by its hash, and a file that was changed is found out.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Desk, openDesk } from './issue-desk.ts'

const repository = fileURLToPath(new URL('..', import.meta.url))
let desk: Desk
before(async () => {
  desk = await openDesk()
})
after(() => desk.close())

type Ended = { readonly code: number; readonly error: string }

function release(args: readonly string[]): Promise<Ended> {
  const common = ['--root', desk.path('trust-root.json'), '--network', desk.path('network.json'), '--no-papers']
  const given = ['--no-warnings', 'scripts/release.mjs', ...common, ...args]
  return new Promise(resolve => {
    execFile(process.execPath, given, { cwd: repository, timeout: 60_000 }, (failure, _, error) => {
      resolve({ code: typeof failure?.code === 'number' ? failure.code : failure ? -1 : 0, error })
    })
  })
}

const keys = (names: readonly string[]): readonly string[] =>
  names.flatMap(name => ['--key', desk.path(`${name}.json`)])

function makeKit(folder: string): void {
  mkdirSync(folder)
  for (const name of ['verify.js', 'sign.js', 'sri.json', 'verifier.html', 'more.js'])
    writeFileSync(join(folder, name), `example of ${name}`)
}

test('each file that a page or a person names is a proven record with the file’s hash', async () => {
  const kit = desk.path('kit')
  const out = desk.path('release')
  makeKit(kit)
  const ended = await release(['--kit', kit, '--out', out, ...keys(['founder 1', 'founder 2'])])
  assert.equal(ended.code, 0, ended.error)
  const client = await desk.network.client({ over: 'rpc' })
  const links = readdirSync(join(out, 'released', 'links')).sort()
  assert.equal(links.length, 4)
  const seen = new Map<unknown, unknown>()
  for (const name of links) {
    const verdict = await client.verifyRecord(readFileSync(join(out, 'released', 'links', name), 'utf8'))
    assert.ok(['current', 'single-operator'].includes(verdict.code), verdict.evidence)
    const fields = Object.fromEntries(verdict.record!.fields.map(field => [field.name, field.value]))
    seen.set(fields.file, fields.sha256)
  }
  const hash = createHash('sha256')
    .update(readFileSync(join(kit, 'verifier.html')))
    .digest('hex')
  assert.equal(seen.get('verifier.html'), hash)
  assert.match(readFileSync(join(out, 'SHA256SUMS'), 'utf8'), new RegExp(`^${hash}  kit/verifier.html$`, 'm'))
})

test('one person alone releases nothing, and a kit that lacks a file is none', async () => {
  const kit = desk.path('kit of one')
  makeKit(kit)
  const alone = await release(['--kit', kit, '--out', desk.path('alone'), ...keys(['founder 1'])])
  assert.notEqual(alone.code, 0)
  assert.match(alone.error, /nothing more was done/)
  const empty = desk.path('empty')
  mkdirSync(empty)
  const none = await release(['--kit', empty, '--out', desk.path('none'), ...keys(['founder 1', 'founder 2'])])
  assert.notEqual(none.code, 0)
  assert.match(none.error, /lacks verify.js/)
})
