import assert from 'node:assert/strict'
import { it } from 'node:test'

it('the elements can be imported where there is no window, as a server that draws pages does', async () => {
  assert.equal('window' in globalThis || 'document' in globalThis, false)
  const elements = await import('./index.ts')
  assert.deepEqual(Object.keys(elements).sort(), [
    'MunimentKeys',
    'MunimentNetwork',
    'MunimentRecord',
    'MunimentSign',
    'MunimentStatus',
    'MunimentVerify',
    'configure',
    'loadMessages',
    'setMessages',
  ])
})
