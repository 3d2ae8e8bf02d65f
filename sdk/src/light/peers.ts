// What the detector asks, where part of the answer is here already.

import type { LightBlock } from '../comet/light-block.ts'
import { VerifyError } from '../errors.ts'
import type { LightProvider } from '../provider.ts'
import type { Peer } from './detect.ts'
import type { Offered } from './providers.ts'

/** The provider with the block that it has offered already. */
export function offered(provider: LightProvider, offers: readonly Offered<LightProvider, LightBlock>[]): Peer {
  const block = offers.find(each => each.provider === provider)?.answer
  const { label } = provider
  return {
    ...(label === undefined ? {} : { label }),
    lightBlock: (height, options) =>
      block !== undefined && block.header.height === height
        ? Promise.resolve(block)
        : provider.lightBlock(height, options),
    ...(provider.lightPath === undefined ? {} : { lightPath: (path, options) => provider.lightPath!(path, options) }),
  }
}

/** What was verified before, as a peer that has nothing else. */
export function remembered(find: (height: bigint | 'latest') => LightBlock | undefined): Peer {
  return {
    label: 'what was verified before',
    async lightBlock(height) {
      const block = find(height)
      if (block === undefined) throw new VerifyError('unavailable', 'not kept')
      return block
    },
  }
}
