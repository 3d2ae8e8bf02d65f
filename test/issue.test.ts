// `muniment issue` against a real node: an existing register becomes records, once each, whatever happens on the way.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  decodeArgs,
  decodeBeaconTransaction,
  decodeTransaction,
  formatBase64Url,
  loadCrypto,
  parseBase64,
  parseCredential,
} from '@muniment/sdk'
import { parse } from 'csv-parse/sync'
import { type Desk, exampleRegister, journalOf, lineTo, openDesk } from './issue-desk.ts'

const crypto = await loadCrypto()
let desk: Desk
before(async () => {
  desk = await openDesk()
})
after(() => desk.close())

/** Commitments that the chain's transactions name, each as often as it was tried. */
async function commitmentsOnChain(): Promise<readonly string[]> {
  const status = (await (await fetch(`${desk.network.rpc}/status`)).json()) as {
    readonly result: { readonly sync_info: { readonly latest_block_height: string } }
  }
  const found: string[] = []
  for (let height = 1; height <= Number(status.result.sync_info.latest_block_height); height++) {
    const block = (await (await fetch(`${desk.network.rpc}/block?height=${height}`)).json()) as {
      readonly result: { readonly block: { readonly data: { readonly txs: readonly string[] | null } } }
    }
    // The proposer's own first transaction binds it to a secret for draws.
    const sent = (block.result.block.data.txs ?? []).map(parseBase64).filter(each => !decodeBeaconTransaction(each))
    for (const each of sent) found.push(String(decodeArgs(decodeTransaction(each).body.args).commitment))
  }
  return found
}

const documentsOf = (folder: string): readonly string[] =>
  journalOf(folder).flatMap(({ document }) => (typeof document === 'string' ? [document] : []))

const linksOf = (folder: string): readonly string[] =>
  readdirSync(join(folder, 'links'))
    .sort()
    .map(name => readFileSync(join(folder, 'links', name), 'utf8').trim())

test('a key is made once, for its owner only', { skip: process.platform === 'win32' && 'no such bits' }, async () => {
  const args = ['key', '--key', desk.path('new.json')]
  const made = await desk.run(args).ended
  assert.match(made.out, /^[A-Za-z0-9_-]{43}\n$/)
  assert.equal(statSync(desk.path('new.json')).mode & 0o077, 0)
  assert.equal((await desk.run(args).ended).out, made.out)
})

test('a register becomes proven records, with a link and a paper for each row, several to a block', async () => {
  const register = desk.write('first.csv', exampleRegister(40))
  const out = desk.path('first')
  const page = ['--verify-page', 'https://www.example.gov/check']
  const ended = await desk.issue(['--from', register, '--out', out, ...page]).ended
  assert.equal(ended.code, 0, ended.error)
  assert.match(ended.out, /^40 records are issued and proven/)
  const table = parse(readFileSync(join(out, 'results.csv')), { bom: true, columns: true }) as Record<string, string>[]
  assert.equal(table.length, 40)
  assert.equal(table[6]!.OWNER, 'Example owner "7", of Example Street')
  const client = await desk.network.client({ over: 'rpc' })
  for (const row of [table[0]!, table[39]!]) {
    assert.match(row.link!, /^https:\/\/www\.example\.gov\/check#1\/test-net\//)
    assert.equal(readFileSync(join(out, row['link file']!), 'utf8').trim(), row.link)
    const verdict = await client.verifyRecord(row.link!)
    assert.equal(verdict.code, 'single-operator')
    const shown = Object.fromEntries(verdict.record!.fields.map(({ name, value }) => [name, value]))
    assert.deepEqual([shown.owner, shown.parcel], [row.OWNER, row.Parcel])
  }
  const paper = readFileSync(join(out, table[0]!.paper!))
  assert.equal(paper.subarray(0, 5).toString(), '%PDF-')
  assert.match(paper.toString('latin1'), /\/AF \[/)
  assert.match(paper.toString('latin1'), /\/Type \/EmbeddedFile/)
  const heights = new Set(journalOf(out).flatMap(({ height }) => (height === undefined ? [] : [height])))
  assert.ok(heights.size < 10, `40 records took ${heights.size} proofs`)
})

test('a document in letters that the PDF’s fonts lack has a page to print too, in which its text is only text; it is bound to its holder’s key', async () => {
  const key = `"{""kty"":""OKP"",""crv"":""Ed25519"",""x"":""${'A'.repeat(43)}""}"`
  const text = `parcel,area,district,owner,share,key\nEX 1,100,منطقة المثال,"<img src=x onerror=alert(1)>",1/1,${key}\n`
  const out = desk.path('arabic')
  const page = ['--verify-page', 'https://www.example.gov/check', '--language', 'ar', '--map', 'key=@holder']
  const ended = await desk.issue(['--from', desk.write('arabic.csv', text), '--out', out, ...page]).ended
  assert.equal(ended.code, 0, ended.error)
  const [document] = documentsOf(out)
  assert.deepEqual(parseCredential(document!, crypto).holderKey, { algorithm: 1, bytes: new Uint8Array(32) })
  const html = readFileSync(join(out, 'papers', '000002.html'), 'utf8')
  assert.match(html, /<html lang="ar" dir="rtl">/)
  assert.ok(html.includes('سند ملكية الأرض') && html.includes('<bdi>منطقة المثال</bdi>') && html.includes('<svg '))
  assert.ok(html.includes('<bdi>&#60;img src=x onerror=alert(1)&#62;</bdi>') && !/<img|<script/.test(html))
  assert.match(html, /default-src 'none'; style-src 'sha256-/)
  assert.equal(existsSync(join(desk.path('first'), 'papers', '000002.html')), false)
})

test('the journal and what comes out of it are for their owner only', {
  skip: process.platform === 'win32' && 'no such bits',
}, () => {
  for (const name of ['journal.jsonl', 'results.csv', 'links/000002.txt', 'papers/000002.pdf'])
    assert.equal(statSync(join(desk.path('first'), name)).mode & 0o077, 0, name)
})

test('a dry run looks at everything and does nothing', async () => {
  const before = (await commitmentsOnChain()).length
  const ended = await desk.issue(['--from', desk.path('first.csv'), '--dry-run']).ended
  assert.equal(ended.code, 0, ended.error)
  assert.match(
    ended.out,
    /^40 rows can be issued by land-registry as land\.title@1, urn:example:land-title\. Nothing was\./,
  )
  assert.equal((await commitmentsOnChain()).length, before)
})

test('every mistake of a register is told with its row and column, and nothing is issued', async () => {
  const text = ['Parcel,Area (m²),district,OWNER,Share']
  text.push('EX 1,100,Example District,Example owner,1/1', 'EX 2,,Example District,Example owner,1/1')
  text.push('EX 3,100,Example District', 'EX 4,100,Example\u202eDistrict,Example owner,1/1')
  text.push('EX 1,100,Example District,Example owner,1/1')
  const before = (await commitmentsOnChain()).length
  const ended = await desk.issue(['--from', desk.write('bad.csv', text.join('\n')), '--out', desk.path('bad')]).ended
  assert.equal(ended.code, 2)
  assert.deepEqual(ended.error.trim().split('\n'), [
    'row 3: column Area (m²): empty; where that is right, say --optional area',
    'row 4: 3 cells, where row 1 has 5',
    'row 5: column district: a line break, or a character that nobody sees',
    'row 6: the same as row 2',
    'Nothing was issued.',
  ])
  assert.equal(existsSync(desk.path('bad')), false)
  assert.equal((await commitmentsOnChain()).length, before)
})

const refusals: readonly {
  readonly name: string
  readonly args: readonly string[]
  readonly keys?: readonly string[]
  readonly sentence: RegExp
}[] = [
  {
    name: 'a key without a mandate',
    args: [],
    keys: ['nobody'],
    sentence: /^The key of person 1 has no mandate as registrar of land-registry\./,
  },
  {
    name: 'a service file that is not the ledger’s',
    args: ['--service', 'other'],
    sentence: /^The ledger’s land\.title@1 is another one than the file’s\./,
  },
  {
    name: 'a service that the ledger does not have',
    args: ['--service', 'unknown'],
    sentence: /^The ledger has no service land\.title@9\./,
  },
  {
    name: 'an office that is not the service’s',
    args: ['--office', 'trade-licensing'],
    sentence: /^Name the office: --office land-registry\./,
  },
  {
    name: 'a node that is not there',
    args: ['--node', 'http://127.0.0.1:1'],
    sentence: /^The network does not answer as it should/,
  },
]
for (const { name, args, keys, sentence } of refusals) {
  test(`${name} is one sentence before anything is done`, async () => {
    const own = readFileSync(new URL('../services/land-title.yaml', import.meta.url), 'utf8')
    desk.write('other', own.replace('freshness: 300', 'freshness: 301'))
    desk.write('unknown', own.replace('land.title@1', 'land.title@9'))
    const given = args.map((text, index) => (args[index - 1] === '--service' ? desk.path(text) : text))
    const ended = await desk.issue(['--from', desk.path('first.csv'), '--out', desk.path('none'), ...given], keys).ended
    assert.equal(ended.code, 1)
    assert.match(ended.error, sentence)
    assert.equal(existsSync(desk.path('none')), false)
  })
}

test('1,000 rows: killed at any moment, it goes on, and no row is issued twice', async () => {
  const register = desk.write('killed.csv', exampleRegister(1_000, 10_000))
  const out = desk.path('killed')
  const before = new Set(await commitmentsOnChain())
  let args = ['--from', register, '--out', out, '--no-papers']
  for (const many of [1, 300, 1_500]) {
    const { child, ended } = desk.issue(args)
    while (child.exitCode === null && !(existsSync(join(out, 'journal.jsonl')) && journalOf(out).length >= many))
      await new Promise(resolve => setTimeout(resolve, 5))
    child.kill('SIGKILL')
    assert.equal((await ended).signal, 'SIGKILL', (await ended).error)
    args = ['--from', register, '--out', out, '--no-papers', '--resume']
  }
  const ended = await desk.issue(args).ended
  assert.equal(ended.code, 0, ended.error)
  const made = documentsOf(out).map(document => formatBase64Url(parseCredential(document, crypto).commitment))
  assert.equal(made.length, 1_000)
  const onChain = new Set((await commitmentsOnChain()).filter(each => !before.has(each)))
  assert.deepEqual([...onChain].sort(), [...made].sort())
  assert.equal(linksOf(out).length, 1_000)
})

test('a run is not begun again over another, nor gone on with another register, nor by two at once', async () => {
  const out = desk.path('first')
  const again = await desk.issue(['--from', desk.path('first.csv'), '--out', out]).ended
  assert.match(again.error, /holds a run already: go on with it by --resume/)
  const other = await desk.issue(['--from', desk.path('killed.csv'), '--out', out, '--resume']).ended
  assert.match(other.error, /not the run that was begun in this folder: the register has changed/)
  desk.write('first/lock', String(process.pid))
  const second = await desk.issue(['--from', desk.path('first.csv'), '--out', out, '--resume']).ended
  assert.match(second.error, new RegExp(`Another process \\(${process.pid}\\) is at work`))
  desk.write('first/lock', '')
})

test('where the node dies half-way it says so, and goes on when it is back', async () => {
  const line = await lineTo(desk.network.rpc)
  const out = desk.path('cut')
  const args = [
    '--from',
    desk.write('cut.csv', exampleRegister(130, 2_000)),
    '--out',
    out,
    '--no-papers',
    '--node',
    line.url,
  ]
  const { ended, child } = desk.issue(args)
  while (child.exitCode === null && !(existsSync(join(out, 'journal.jsonl')) && journalOf(out).length > 64))
    await new Promise(resolve => setTimeout(resolve, 5))
  line.cut()
  const cut = await ended
  assert.equal(cut.code, 1)
  assert.match(cut.error, /^The network does not answer as it should: .*\.\nWhat is proven stays proven: .* --resume/)
  line.mend()
  const resumed = await desk.issue([...args, '--resume']).ended
  assert.equal(resumed.code, 0, resumed.error)
  assert.equal(new Set(documentsOf(out)).size, 130)
  line.close()
})

test('a full disk is one sentence, and with room again the run goes on', async context => {
  const small = desk.path('small')
  mkdirSync(small)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96k', 'tmpfs', small], { stdio: 'ignore' })
  } catch {
    context.skip('no permission to make a small disk')
    return
  }
  try {
    const out = join(small, 'run')
    const args = ['--from', desk.write('full.csv', exampleRegister(128, 3_000)), '--out', out, '--no-papers']
    const full = await desk.issue(args).ended
    assert.equal(full.code, 1)
    assert.match(full.error, /^The disk that holds .* is full; make room and start again\./)
    execFileSync('mount', ['-o', 'remount,size=8m', small], { stdio: 'ignore' })
    const resumed = await desk.issue([...args, '--resume']).ended
    assert.equal(resumed.code, 0, resumed.error)
    assert.equal(new Set(documentsOf(out)).size, 128)
    assert.equal(linksOf(out).length, 128)
  } finally {
    execFileSync('umount', [small])
  }
})

test('what was issued is taken back: each record says so itself, and nothing is deleted', async () => {
  const out = desk.path('first')
  const alone = await desk.issue(['--undo', out], ['registrar 1']).ended
  assert.match(alone.error, /^Revoke takes 2 persons: give --key for each\./)
  const ended = await desk.issue(['--undo', out]).ended
  assert.equal(ended.code, 0, ended.error)
  assert.match(ended.out, /^40 records are revoked, and proven to be\./)
  const client = await desk.network.client({ over: 'rpc' })
  const verdict = await client.verifyRecord(linksOf(out)[3]!)
  assert.equal(verdict.code, 'revoked')
  assert.equal(verdict.record!.entry.changes.at(-1)!.reason, 'entered-in-error')
  const again = await desk.issue(['--undo', out]).ended
  assert.match(again.out, /^40 records are revoked/)
  // Not even by the same register once more into the same folder.
  const resumed = await desk.issue(['--from', desk.path('first.csv'), '--out', out, '--resume']).ended
  assert.match(resumed.error, /was taken back/)
})
