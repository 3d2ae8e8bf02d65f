import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Contradiction } from '@muniment/sdk'
import { arabic } from '../messages/ar.ts'
import { english } from '../messages/en.ts'
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

  it('have the same words to fill in every language', () => {
    const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).toSorted()
    for (const [name, text] of Object.entries(english.contradiction)) {
      assert.deepEqual(names(arabic.contradiction[name as keyof typeof arabic.contradiction]), names(text), name)
    }
  })
})
