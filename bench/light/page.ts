// The part of the bench that runs in a page: our verifier there.

import { unpackBlocks } from './blocks.ts'
import { checkFollower, type Followed, type Follower, type Following, openOurs } from './follower.ts'

/** What the bench asks of its page; blocks are fetched from where the page came from. */
type LightBenchPage = {
  readonly open: (following: Following) => Promise<void>
  readonly check: () => Promise<void>
  readonly follow: () => Promise<Followed>
  readonly close: () => void
}

declare global {
  interface Window {
    munimentLightBench: LightBenchPage
  }
}

let follower: Follower | undefined

window.munimentLightBench = {
  open: async following => {
    follower = await openOurs('chromium', following)
  },
  check: async () => checkFollower(follower!, unpackBlocks(await (await fetch('blocks')).arrayBuffer())),
  follow: () => follower!.follow(),
  close: () => {
    follower!.close()
    follower = undefined
  },
}
