import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Contradiction } from '@muniment/sdk'
import { messagesFor } from '../messages/messages.ts'
import { takenText } from './contradictions.ts'

const told: Contradiction = {
  kind: 'equivocation',
  blocks: [
    { height: 9n, hash: new Uint8Array(32), source: 'one' },
    { height: 9n, hash: new Uint8Array(32).fill(1), source: 'two' },
  ],
  signedBoth: [],
  evidence: [],
  sentTo: ['one', 'two', 'three'],
  takenBy: ['one', 'three'],
}

describe('two proved blocks', () => {
  it('are told with how many nodes have taken the evidence, each counted once', () => {
    assert.equal(takenText([told, { ...told, takenBy: ['one'] }], messagesFor('en')), 'Evidence taken by 2 of 3 nodes.')
  })
})
