import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { changes, changeText, readOrRefused } from '../../../test/hostile.ts'
import { audienceOf, formatDemand, type PresentationDemand, parseDemand } from './demand.ts'

const demand: PresentationDemand = {
  page: 'https://bank.example/check',
  nonce: 'n0nce-of-the-bank-1',
  types: ['urn:example:land-title'],
}

describe('a demand for a document', () => {
  it('comes out of a link as it went in', () => {
    assert.deepEqual(parseDemand(`https://wallet.example/show#${formatDemand(demand)}`), demand)
  })

  it('is for the origin of the page to which the answer goes, and for no other', () => {
    assert.equal(audienceOf(demand), 'https://bank.example')
    assert.equal(audienceOf({ page: 'http://localhost:8080/verify' }), 'http://localhost:8080')
    for (const page of [
      'http://bank.example/check',
      'https://bank.example/check#x',
      'https://user@bank.example/',
      'https://user:word@bank.example/',
      'https://BANK.example/check',
      'https://bank.example',
      'https://bank.example:443/',
      'javascript:alert(1)',
      'data:text/html,x',
      '/check',
      '',
    ]) {
      assert.equal(audienceOf({ page }), undefined, page)
      assert.throws(() => parseDemand(formatDemand({ ...demand, page })), { name: 'VerifyError' }, page)
    }
  })

  it('has a nonce that nobody guesses, of characters that everyone writes alike', () => {
    for (const nonce of ['', 'short', 'with a space in it, x', 'n'.repeat(129), 'nonce-é-0123456789'])
      assert.throws(() => parseDemand(formatDemand({ ...demand, nonce })), { name: 'VerifyError' }, nonce)
  })

  it('is told from everything else', () => {
    const link = formatDemand(demand)
    fc.assert(
      fc.property(changes, list => {
        const read = readOrRefused(() => parseDemand(changeText(link, list)))
        if (read) assert.ok(audienceOf(read))
      }),
      { numRuns: 2_000 },
    )
    for (const text of ['', 'r1/AAAA', 'q2/AAAA', 'q1/', `q1/${'A'.repeat(10_000)}`])
      assert.throws(() => parseDemand(text), { name: 'VerifyError' }, text.slice(0, 20))
  })
})
