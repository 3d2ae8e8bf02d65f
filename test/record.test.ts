// The first flow of the architecture, whole: an office issues over RPC, a citizen verifies over WebRTC or RPC.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { formatBase64Url, formatRecordLink, parseRecordLink } from '@muniment/sdk'
import { startTestNetwork, type TestNetwork } from './network.ts'

let net: TestNetwork
before(async () => {
  net = await startTestNetwork()
})
after(() => net.close())

type RpcAnswer = {
  readonly result: {
    readonly sync_info?: { readonly latest_block_height: string }
    readonly block?: { readonly data: { readonly txs: readonly string[] | null } }
  }
}

const fields = { parcel: '12/345', area: 800, owner: 'Example owner A' }

for (const over of ['webrtc', 'rpc'] as const) {
  test(`a title that was entered is proven over ${over}, and honestly called one operator's word`, async () => {
    const { link } = await net.issueTitle(fields)
    const client = await net.client({ over })
    const steps: string[] = []
    const verdict = await client.verifyRecord(`https://example.org/verify#${link}`, {
      onSteps: list => steps.push(list.map(({ code, state }) => `${code}:${state}`).join(' ')),
    })
    assert.equal(verdict.code, 'single-operator', verdict.evidence)
    assert.equal(verdict.kind, 'unknown')
    assert.deepEqual(
      verdict.steps.map(({ state }) => state),
      [...Array(9).fill('pass'), 'skipped'],
    )
    assert.ok(steps.length >= 6 && steps[0]!.startsWith('read:running'))
    assert.equal(verdict.sources[0]!.startsWith(over === 'webrtc' ? '/ip4/127.0.0.1/udp/' : 'http://127.0.0.1:'), true)
    assert.deepEqual(verdict.record!.issuerNames, { en: 'Test Land Registry' })
    assert.deepEqual(
      verdict.record!.fields.map(({ name, label, value }) => [name, label.en, value]),
      [
        ['parcel', 'Parcel', '12/345'],
        ['area', 'Area (m²)', 800],
        ['owner', 'Owner', 'Example owner A'],
      ],
    )
    assert.deepEqual(
      verdict.trusted.map(({ role }) => role),
      ['checkpoint', 'validators', 'witnesses', 'issuer'],
    )
    assert.ok(verdict.asOf!.ageSeconds < 60)
  })
}

test('when the title is sold, the old paper says "replaced" and the new one stands', async () => {
  const old = await net.issueTitle(fields)
  const sold = await net.issueTitle({ ...fields, owner: 'Example owner B' }, old.commitment)
  const client = await net.client({ over: 'webrtc' })
  const verdict = await client.verifyRecord(old.link)
  assert.equal(verdict.code, 'replaced')
  assert.deepEqual(verdict.record!.entry.successor, sold.key)
  assert.equal((await client.verifyRecord(sold.link)).code, 'single-operator')
})

test('a revoked title turns to "revoked" for a client that saw it in force', async () => {
  const title = await net.issueTitle(fields)
  const client = await net.client({ over: 'webrtc' })
  assert.equal((await client.verifyRecord(title.link)).code, 'single-operator')
  await net.act('revoke', { commitment: title.commitment, reason: 'court-order' })
  const until = Date.now() + 20_000
  let code = ''
  while (code !== 'revoked' && Date.now() < until) code = (await client.verifyRecord(title.link)).code
  assert.equal(code, 'revoked')
})

test('documents that were altered, made up or belong elsewhere never pass', async () => {
  const { link } = await net.issueTitle(fields)
  const client = await net.client({ over: 'rpc' })
  const read = parseRecordLink(link)
  const relink = (document: string) => formatRecordLink({ ...read, document })
  const disclosure = formatBase64Url(new TextEncoder().encode('["AAAAAAAAAAAAAAAAAAAAAA","owner","Example thief"]'))
  const expected: [string, string][] = [
    [relink(`${read.document}${disclosure}~`), 'disclosure-bad'],
    [link.replace('test-net', 'other-net'), 'wrong-network'],
    [`3/${link}`, 'format-unknown'],
    [`2/${link}`, 'unreadable'],
    ['hello', 'unreadable'],
    ['', 'unreadable'],
    [formatRecordLink({ ...read, key: new Uint8Array(32) }), 'changed'],
  ]
  for (const [input, code] of expected) assert.equal((await client.verifyRecord(input)).code, code, input.slice(0, 60))
  const [head, payload, signature] = read.document.split('~')[0]!.split('.')
  const flipped = `${head}.${payload}.${signature!.startsWith('A') ? 'B' : 'A'}${signature!.slice(1)}`
  const forged = await client.verifyRecord(read.document.replace(`${head}.${payload}.${signature}`, flipped))
  assert.equal(forged.code, 'no-such-record')
  assert.equal(forged.kind, 'invalid')
})

test('fields may be kept back, and what is shown still proves', async () => {
  const { link } = await net.issueTitle(fields)
  const client = await net.client({ over: 'rpc' })
  const read = parseRecordLink(link)
  const parts = read.document.split('~')
  const shown = await client.verifyRecord(formatRecordLink({ ...read, document: `${parts[0]}~${parts[1]}~` }))
  assert.equal(shown.code, 'single-operator')
  assert.equal(shown.record!.hiddenCount, 2)
  assert.equal(shown.record!.fields.length, 1)
})

test('a swapped network file, a foreign genesis or other checkpoint keys give wrong-network (rule 4)', async () => {
  const { link } = await net.issueTitle(fields)
  for (const root of [
    { genesisHash: new Uint8Array(32) },
    { checkpointKeys: { k: 1, keys: [new Uint8Array(32).fill(1)] } },
  ]) {
    const client = await net.client({ over: 'rpc', root })
    assert.equal((await client.verifyRecord(link)).code, 'wrong-network')
  }
})

test('no block holds anything that a document says, nor an unsalted hash of it (rule 18)', async () => {
  const { link } = await net.issueTitle({ ...fields, owner: 'Example owner C' })
  await net.client({ over: 'rpc' }).then(client => client.verifyRecord(link))
  const ask = async (path: string) => ((await (await fetch(`${net.rpc}/${path}`)).json()) as RpcAnswer).result
  const height = Number((await ask('status')).sync_info!.latest_block_height)
  const document = parseRecordLink(link).document
  const values = ['12/345', 'Example owner A', 'Example owner B', 'Example owner C', document.split('~')[0]!, document]
  const hidden = values.flatMap(value => [
    Buffer.from(value),
    Buffer.from(Buffer.from(value).toString('base64url')),
    createHash('sha256').update(value).digest(),
    Buffer.from(createHash('sha256').update(value).digest('base64url')),
  ])
  let transactions = 0
  for (let at = 1; at <= height; at++) {
    for (const text of (await ask(`block?height=${at}`)).block!.data.txs ?? []) {
      const transaction = Buffer.from(text, 'base64')
      transactions++
      for (const [index, secret] of hidden.entries())
        assert.ok(!transaction.includes(secret), `block ${at}: ${values[Math.floor(index / 4)]!.slice(0, 40)}`)
    }
  }
  assert.ok(transactions >= 5, `${transactions} transactions`)
})

test('with no node to reach the answer is "offline", never "invalid"', async () => {
  const { link } = await net.issueTitle(fields)
  const client = await net.client({ network: { peers: [], rpc: ['http://127.0.0.1:9'] } })
  const verdict = await client.verifyRecord(link)
  assert.deepEqual([verdict.kind, verdict.code], ['unknown', 'offline'])
})
