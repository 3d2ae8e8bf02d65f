// The elements as tags and as components of React, with the strictness of the consumer's own compiler.

import type { Verdict } from '@muniment/sdk'
import type { MunimentVerify as VerifyElement } from '@muniment/web-components'
import type { MunimentElements } from '@muniment/web-components/jsx'
import { MunimentNetwork, MunimentVerify } from '@muniment/web-components/react'
import { useRef } from 'react'

declare module 'react' {
  // biome-ignore lint/style/noNamespace: React's own.
  namespace JSX {
    interface IntrinsicElements extends MunimentElements {}
  }
}

export function Tags({ tell }: { tell: (verdict: Verdict) => void }) {
  const element = useRef<VerifyElement>(null)
  return (
    <>
      <muniment-network src="/network.json" no-wasm offline="/offline.js" />
      <muniment-verify
        ref={element}
        auto
        max-age={60}
        lang="ar"
        onmuniment-verdict={event => tell(event.detail.verdict)}
      >
        Your browser cannot check documents.
      </muniment-verify>
      <muniment-status compact />
      {/* @ts-expect-error: there is no such attribute. */}
      <muniment-verify maxage={60} />
      {/* @ts-expect-error: an event of this name tells a verdict. */}
      <muniment-verify onmuniment-verdict={(height: number) => height} />
    </>
  )
}

export function Components({ tell }: { tell: (verdict: Verdict) => void }) {
  return (
    <>
      <MunimentNetwork src="/network.json" onMunimentNetworkError={({ detail }) => console.log(detail.code)} />
      <MunimentVerify auto maxAge={60} className="check" onMunimentVerdict={event => tell(event.detail.verdict)} />
      {/* @ts-expect-error: a verdict is not to be set. */}
      <MunimentVerify verdict={undefined} />
      {/* @ts-expect-error: seconds are a number. */}
      <MunimentVerify maxAge="60" />
    </>
  )
}
