// The node itself as a Provider: what it serves to WebRTC peers, straight from its stores.

import { check, type LightBlock, limits, type Provider, VerifyError } from '@muniment/sdk'
import type { Engine } from './engine/engine.ts'
import type { LedgerApplication } from './ledger/ledger-application.ts'

export function createLocalProvider(engine: Engine, application: LedgerApplication): Provider {
  function lightBlock(height: bigint): LightBlock {
    const block = engine.chain.lightBlock(height)
    if (!block) throw new VerifyError('wrong-height', 'this node has no such height', { actual: height })
    return block
  }

  return {
    kind: 'local',
    label: 'this node',
    async status(options) {
      options?.signal?.throwIfAborted()
      return { chainId: engine.genesis.chainId, latestHeight: engine.newest().height, earliestHeight: 1n }
    },
    async lightBlocks(range, options) {
      options?.signal?.throwIfAborted()
      if (range === 'latest') return [lightBlock(engine.newest().height)]
      const count = range.to - range.from + 1n
      check(range.from > 0n && count > 0n, 'malformed', 'a range of heights goes upwards from 1')
      check(count <= BigInt(limits.lightBlocksPerRequestMax), 'limited', 'too many blocks at once')
      return Array.from({ length: Number(count) }, (_, index) => lightBlock(range.from + BigInt(index)))
    },
    async state({ keys, height = 0n }, options) {
      options?.signal?.throwIfAborted()
      check(keys.length > 0 && keys.length <= limits.stateKeysPerQueryMax, 'limited', 'too many keys at once')
      const answer = application.state(keys, height)
      if (!answer) throw new VerifyError('wrong-height', 'this node keeps no state of that height', { actual: height })
      return answer
    },
    async submit(transaction, options) {
      options?.signal?.throwIfAborted()
      const { code, log } = await engine.submit(transaction)
      return { code, log }
    },
    close: async () => {},
  }
}
