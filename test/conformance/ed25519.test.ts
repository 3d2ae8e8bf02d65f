// Ed25519 by ZIP-215, in each of our implementations, against the published vectors with CometBFT's own answer for each
// case. The differential run is in ed25519-differential.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { implementations } from '../crypto-implementations.ts'
import { suites } from '../ed25519-vectors.ts'
import { vectorsSkip } from '../vectors.ts'

/** Cases, and how many of them CometBFT accepts. */
const counts: Readonly<Record<string, readonly [number, number]>> = {
  'ZIP-215': [196, 196],
  CCTV: [914, 826],
  speccheck: [12, 9],
  Wycheproof: [151, 89],
}

for (const { name: suite, load } of suites) {
  for (const { name, open } of implementations) {
    test(`${name} answers all of ${suite} as CometBFT does`, { skip: vectorsSkip }, async () => {
      const { items, accepted: expected } = load()
      const accepted = expected.filter(Boolean).length
      assert.deepEqual([items.length, accepted], counts[suite])
      assert.equal(expected.length, items.length)
      const crypto = await open()
      try {
        const bad = new Set(await crypto.verifyEd25519(items))
        const differing = items.flatMap((_, i) => (bad.has(i) === expected[i] ? [i] : []))
        assert.deepEqual(differing, [])
        // One by one as well: a verdict must not depend on its neighbours.
        for (let i = 0; i < items.length; i += 7) {
          assert.deepEqual(await crypto.verifyEd25519([items[i]!]), bad.has(i) ? [0] : [], `case ${i} alone`)
        }
      } finally {
        crypto.close()
      }
    })
  }
}
