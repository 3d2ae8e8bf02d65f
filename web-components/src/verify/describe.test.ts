import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Algorithm, kindOf, RecordStatus, stepCodes, type Verdict, type VerdictCode, verdictKinds } from '@muniment/sdk'
import { loadMessages, messagesFor } from '../messages/messages.ts'
import { partsText } from '../text.ts'
import { describeVerdict, toneOf, type Words } from './describe.ts'
import { receiptOf } from './receipt.ts'
import { unansweredVerdict } from './unanswered.ts'

await loadMessages('ar')
const english: Words = messagesFor('en')
const codes = Object.keys(verdictKinds) as VerdictCode[]
const issuedAt = { seconds: 1_772_539_200n, nanos: 0 }
const change = { height: 5n, mandate: new Uint8Array(32), reason: '', appealUntil: undefined }

function verdictOf(code: VerdictCode, given: { readonly owner?: string; readonly office?: string } = {}): Verdict {
  const { owner = 'Example owner A', office = 'Example Land Registry' } = given
  const issuer = 'urn:muniment:example-1:office:land-registry'
  return {
    kind: kindOf(code),
    code,
    asOf: { height: 1_234n, time: { seconds: 1_772_625_600n, nanos: 0 }, ageSeconds: 12 },
    sources: ['http://localhost:8080/rpc'],
    signedPower: { signed: 10n, total: 10n },
    trusted: [
      { role: 'page', origin: 'http://localhost:8080' },
      { role: 'checkpoint', k: 2, n: 3, height: 2n },
      { role: 'validators', count: 1, signed: 10n, total: 10n },
      { role: 'witnesses', names: [], asked: 0 },
      { role: 'issuer', issuer, names: { en: office } },
    ],
    steps: stepCodes.map(step => ({ code: step, state: 'pass' })),
    record: {
      key: new Uint8Array(32).fill(7),
      entry: {
        issuer,
        type: new Uint8Array(32),
        service: 'land.title@1',
        mandate: new Uint8Array(32),
        account: new Uint8Array(32),
        key: { algorithm: Algorithm.ed25519, bytes: new Uint8Array(32) },
        changes: [{ ...change, status: RecordStatus.current, time: issuedAt }],
        validFrom: undefined,
        validUntil: undefined,
        successor: new Uint8Array(0),
        predecessor: new Uint8Array(0),
        case: new Uint8Array(0),
        holder: new Uint8Array(0),
      },
      issuerNames: { en: office },
      type: 'urn:example:land-title',
      typeTitle: { en: 'Land title', ar: 'سند ملكية الأرض' },
      fields: [
        { name: 'owner', label: { en: 'Owner', ar: 'المالك' }, value: owner },
        { name: 'area', label: {}, value: 800 },
      ],
      hiddenCount: 3,
    },
    evidence: '',
  }
}

describe('how a verdict looks', () => {
  it('only a valid one is green, and only an invalid one can be red', () => {
    for (const code of codes) {
      const tone = toneOf({ kind: kindOf(code), code })
      assert.equal(tone === 'good', kindOf(code) === 'valid', code)
      if (tone === 'bad' || tone === 'ended') assert.equal(kindOf(code), 'invalid', code)
    }
  })

  it('the end of a document’s life is not shown as a forgery', () => {
    assert.equal(toneOf({ kind: 'invalid', code: 'replaced' }), 'ended')
    assert.equal(toneOf({ kind: 'invalid', code: 'signature-bad' }), 'bad')
  })
})

describe('what a verdict says', () => {
  it('names the office, the day, the head and whom it trusted', () => {
    const view = describeVerdict(verdictOf('single-operator'), english)
    assert.match(partsText(view.text), /^Issued by Example Land Registry on March 3, 2026, and in force as of /)
    assert.match(partsText(view.text), /one operator alone/)
    assert.deepEqual(view.trusted.map(partsText), [
      'This page, from http://localhost:8080: whoever serves it could show anything.',
      'The starting point: 2 of 3 named bodies signed it, at block 2.',
      'Whoever signed the newest block: 1 organisation with 10 of 10 votes.',
      'No independent witnesses: this network names none yet.',
      'What the document says: Example Land Registry, which issued it.',
    ])
    assert.equal(partsText(view.hidden!), '3 more fields were not shown to you.')
  })

  it('labels fields in the reader’s language, and by their name where they have no label', () => {
    const view = describeVerdict(verdictOf('current'), messagesFor('ar'))
    assert.deepEqual(
      view.fields.map(({ label }) => label),
      ['المالك', 'area'],
    )
  })

  it('shows nothing of what a refused document says of itself', () => {
    for (const code of ['changed', 'signature-bad', 'issuer-unknown', 'issuer-not-allowed'] as const) {
      const view = describeVerdict(verdictOf(code), english)
      assert.deepEqual(view.fields, [])
      assert.deepEqual(
        view.facts.map(({ label }) => label),
        ['As of', 'Newest block'],
      )
    }
  })

  it('strips what a record’s text could do to the page', () => {
    const view = describeVerdict(verdictOf('current', { owner: 'A\u202eB\u0007', office: 'X\u2067Y' }), english)
    assert.equal(view.fields[0]!.value, 'AB')
    assert.match(partsText(view.text), /^Issued by XY on/)
  })

  it('has words for every code, with a record and without one, in both languages', () => {
    for (const code of codes)
      for (const language of ['en', 'ar'])
        for (const verdict of [
          verdictOf(code),
          unansweredVerdict(code, { evidence: 'No answer.', origin: 'http://x' }),
        ]) {
          const view = describeVerdict(verdict, messagesFor(language))
          assert.ok(view.heading.length > 1)
          assert.doesNotMatch(partsText(view.text), /[{}]|undefined/)
          assert.doesNotMatch(view.trusted.map(partsText).join(), /[{}]|undefined/)
        }
  })

  it('leaves it to a person’s calendar which clock is right, where the network says another time', () => {
    const clocks = { device: { ...issuedAt, seconds: issuedAt.seconds + 31_536_000n }, network: issuedAt }
    const verdict = { ...verdictOf('clock-wrong'), clocks }
    const text = partsText(describeVerdict(verdict, english).text)
    assert.match(text, /^This device says March 3, 2027 at .*, the network says March 3, 2026 at /)
    assert.match(text, /if this device’s date is right, do not believe the network/)
    assert.equal(toneOf(verdict), 'unknown')
    const arabic = partsText(describeVerdict(verdict, messagesFor('ar')).text)
    assert.match(arabic, /2027.*2026|٢٠٢٧.*٢٠٢٦/)
    // Where the head itself is later than this clock, it is the clock.
    assert.match(partsText(describeVerdict(verdictOf('clock-wrong'), english).text), /^The clock of this device seems/)
  })

  it('names an account by the beginning of its id', () => {
    const { record, ...verdict } = verdictOf('current')
    const issuer = `urn:muniment:example-1:account:${'ab12cd34'.repeat(8)}`
    const view = describeVerdict(
      { ...verdict, record: { ...record!, entry: { ...record!.entry, issuer }, issuerNames: {} } },
      english,
    )
    assert.match(partsText(view.text), /^Issued by the account ab12cd34… on/)
  })
})

describe('the receipt of a form', () => {
  it('holds verdict, code, key and height, and nothing of the document', () => {
    assert.deepEqual(receiptOf(verdictOf('single-operator')), {
      verdict: 'unknown',
      code: 'single-operator',
      key: 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc',
      height: '1234',
    })
    assert.deepEqual(receiptOf(unansweredVerdict('offline', { evidence: '', origin: 'http://x' })), {
      verdict: 'unknown',
      code: 'offline',
    })
  })
})
