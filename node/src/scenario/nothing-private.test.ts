// Security rule 18: nothing private stands on the ledger, in no spelling. Every story of every service is played, everything that a node
// keeps of it is gathered, and every value that a case keeps to itself is looked for in there.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { decodeTransaction, encodeUtf8, formatHex, loadCrypto } from '@muniment/sdk'
import { createMemoryStage } from './memory-stage.ts'
import { playScenario, type Seen, type Stage } from './play.ts'
import type { PrivateCase } from './private.ts'
import { readFolder, readStories } from './stories.ts'

const crypto = await loadCrypto()
after(() => crypto.close())
const { tellers, country, ...given } = readStories(
  readFolder(fileURLToPath(new URL('../../../services', import.meta.url))),
  crypto,
)

/** Ways in which bytes can stand among others: themselves, in hex, and in base64 wherever in a longer text they begin. */
function spellings(bytes: Uint8Array): readonly Buffer[] {
  const value = Buffer.from(bytes)
  const hex = value.toString('hex')
  const texts = [hex, hex.toUpperCase()]
  for (const shift of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(shift), value])
    // The first and the last characters may hold bits of what stands beside.
    const first = Math.ceil((shift * 4) / 3)
    const last = Math.floor((padded.length * 4) / 3)
    texts.push(padded.toString('base64').slice(first, last), padded.toString('base64url').slice(first, last))
  }
  return [value, ...texts.map(text => Buffer.from(text))]
}

function isIn(haystack: Buffer, bytes: Uint8Array): boolean {
  return spellings(bytes).some(spelling => haystack.includes(spelling))
}

/** Of a case: its values, themselves and hashed without a salt, its secret, and every salt. */
function secretsOf({ secret, fields, committed }: PrivateCase): readonly Uint8Array[] {
  const values = fields.flatMap(({ value }) => (value === undefined ? [] : [encodeUtf8(String(value))]))
  const raw = fields.flatMap(({ value }) =>
    typeof value === 'string' && /^[\w-]{43}$/.test(value) ? [new Uint8Array(Buffer.from(value, 'base64url'))] : [],
  )
  return [
    secret,
    ...values,
    ...raw,
    ...values.map(value => crypto.sha256(value)),
    ...committed.openings.map(each => each.salt),
  ]
}

/** Everything that a node keeps of a stage: transactions with what came of them, refused ones too, and each value that ever stood in its state. */
function listening(stage: ReturnType<typeof createMemoryStage>): {
  readonly stage: Stage
  readonly heard: () => Buffer
  /** Looks with what came of them, and ids of all cases. */
  readonly looks: readonly Buffer[]
  readonly cases: readonly Uint8Array[]
} {
  const heard: Uint8Array[] = []
  const looks: Buffer[] = []
  const cases: Uint8Array[] = []
  const known = new Set<Uint8Array>()
  const look = (): void => {
    for (const [key, value] of stage.values()) {
      if (known.has(value)) continue
      known.add(value)
      heard.push(encodeUtf8(`\n${key} `), value)
    }
  }
  const submit: Stage['submit'] = async transaction => {
    const result = await stage.submit(transaction)
    heard.push(transaction, encodeUtf8(`\n${result.log}\n${JSON.stringify(result.events ?? [])}`), result.data)
    const { service, transition } = decodeTransaction(transaction).body
    const procedure = given.procedures.get(service)
    const isLook = Object.hasOwn(procedure?.service.looks ?? {}, transition)
    // What it says, and what comes of it: nothing there may be a case.
    if (isLook) looks.push(Buffer.concat([transaction, result.data, encodeUtf8(JSON.stringify(result.events ?? []))]))
    else if (procedure && result.data.length === 32) cases.push(result.data)
    look()
    return result
  }
  const advance: Stage['advance'] = async seconds => {
    await stage.advance(seconds)
    look()
  }
  look()
  return { stage: { ...stage, submit, advance }, heard: () => Buffer.concat(heard), looks, cases }
}

test('a value is found in whatever spelling it stands: else the next test would see nothing', () => {
  const value = encodeUtf8('example plate 00112233')
  const around = (text: string): Buffer => Buffer.from(`{"args":"${text}"}`)
  for (const before of ['', 'a', 'ab', 'abc']) {
    const longer = Buffer.from(`${before}${Buffer.from(value).toString()} and more`)
    for (const encoding of ['utf8', 'hex', 'base64', 'base64url'] as const)
      assert.ok(isIn(around(longer.toString(encoding)), value), `${before} ${encoding}`)
  }
  assert.ok(isIn(around(formatHex(value).toUpperCase()), value))
  assert.ok(!isIn(around('example plate 00112234'), value))
})

for (const { id, scenarios } of tellers)
  test(`nothing that a case of ${id} keeps to itself stands on the ledger, in any spelling`, async () => {
    const { stage, heard, looks, cases } = listening(createMemoryStage(country, crypto))
    const seen: Seen = { taken: new Set(), open: new Set(), closed: new Set() }
    const kept: PrivateCase[] = []
    const onPrivate = (each: PrivateCase): unknown => kept.push(each)
    for (const scenario of scenarios)
      assert.equal(await playScenario(scenario, { ...given, stage, own: id, seen, onPrivate }), undefined)
    const all = heard()
    for (const look of looks)
      for (const each of cases) assert.ok(!isIn(look, each), 'a look names the case that it is into')
    assert.equal(looks.length > 0, Object.keys(given.procedures.get(id)!.service.looks).length > 0)
    for (const each of kept) {
      assert.ok(
        isIn(all, each.committed.root),
        'what the case is committed to stands there, so the rest would be found',
      )
      for (const [place, secret] of secretsOf(each).entries())
        assert.ok(!isIn(all, secret), `${each.fields.map(({ name }) => name)}, ${place}`)
    }
    const commits = Object.values(given.procedures.get(id)!.steps).some(({ takes }) => takes.includes('committed'))
    assert.equal(kept.length > 0, commits)
  })
