import assert from 'node:assert/strict'
import { it } from 'node:test'
import { limits } from '@muniment/sdk'
import { passkeyErrorCode } from './passkey.ts'

const refusal = (name: string): DOMException => new DOMException('what the browser says', name)

it('what a browser refuses is told by a code of its own: cancelled, too late, another site, there already', () => {
  const soon = 5_000
  assert.equal(passkeyErrorCode(refusal('NotAllowedError'), soon), 'passkey-cancelled')
  assert.equal(passkeyErrorCode(refusal('NotAllowedError'), limits.passkeyTimeoutMs), 'passkey-timeout')
  assert.equal(passkeyErrorCode(refusal('SecurityError'), soon), 'passkey-wrong-site')
  assert.equal(passkeyErrorCode(refusal('InvalidStateError'), soon), 'passkey-exists')
  assert.equal(passkeyErrorCode(refusal('NotSupportedError'), soon), 'passkey-unsupported')
  assert.equal(passkeyErrorCode(new TypeError('no such thing'), soon), 'passkey-unsupported')
  assert.equal(passkeyErrorCode(undefined, soon), 'passkey-unsupported')
})
