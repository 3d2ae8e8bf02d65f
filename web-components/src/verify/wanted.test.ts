import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Verdict } from '@muniment/sdk'
import { messagesFor } from '../messages/messages.ts'
import { validityOf } from './wanted.ts'

const words = messagesFor('en')
const wanted = { required: true, policy: 'strict', fields: '' }
const verdict = (kind: Verdict['kind'], shown: readonly string[] = ['parcel']): Verdict =>
  ({ kind, record: { fields: shown.map(name => ({ name, label: {}, value: 'example' })) } }) as unknown as Verdict

describe('a form with a document that is required', () => {
  it('is not sent before one was checked', () => {
    assert.deepEqual(validityOf(undefined, wanted, words), [{ valueMissing: true }, 'Check a document first.'])
  })

  it('is sent with one that is in force, and with no other', () => {
    assert.deepEqual(validityOf(verdict('valid'), wanted, words), [])
    for (const kind of ['stale', 'invalid', 'unknown'] as const) {
      const [flags, sentence] = validityOf(verdict(kind), wanted, words)
      assert.deepEqual(flags, { customError: true })
      assert.match(sentence!, /not confirmed/)
    }
  })

  it('is sent with one that was in force at its last check only where the page says so', () => {
    const offline = { ...wanted, policy: 'offline-ok' }
    assert.deepEqual(validityOf(verdict('stale'), offline, words), [])
    assert.equal(validityOf(verdict('unknown'), offline, words).length, 2)
    assert.equal(validityOf(verdict('stale'), { ...wanted, policy: 'anything' }, words).length, 2)
  })

  it('is sent once all fields that the page needs are shown', () => {
    const both = { ...wanted, fields: 'parcel  owner' }
    assert.deepEqual(validityOf(verdict('valid', ['owner', 'parcel']), both, words), [])
    const [flags, sentence] = validityOf(verdict('valid'), both, words)
    assert.deepEqual(flags, { customError: true })
    assert.match(sentence!, /: owner\.$/)
  })

  it('says so in the reader’s words only where it must: without it nothing keeps a form', () => {
    assert.deepEqual(validityOf(undefined, { ...wanted, required: false }, words), [])
    assert.deepEqual(validityOf(verdict('invalid'), { ...wanted, required: false, fields: 'owner' }, words), [])
  })
})
