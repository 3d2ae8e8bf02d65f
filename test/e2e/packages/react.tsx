// A page of React as docs/guides/frameworks.md shows it: the elements as components, and as tags.

import type { Verdict } from '@muniment/sdk'
import type { MunimentVerify as VerifyElement } from '@muniment/web-components'
import type { MunimentElements } from '@muniment/web-components/jsx'
import { MunimentVerify } from '@muniment/web-components/react/verify'
import { type ReactNode, useRef, useState } from 'react'
import { createRoot } from 'react-dom/client'

declare module 'react' {
  // biome-ignore lint/style/noNamespace: React's own.
  namespace JSX {
    interface IntrinsicElements extends MunimentElements {}
  }
}

function Page(): ReactNode {
  const element = useRef<VerifyElement>(null)
  const [codes, setCodes] = useState<readonly Verdict['code'][]>([])
  const [isShown, setShown] = useState(true)
  const [type, setType] = useState('urn:gov:land-title:1')
  return (
    <>
      <h1>Checks in React</h1>
      {isShown && (
        <MunimentVerify
          ref={element}
          id="component"
          types={type}
          maxAge={60}
          accept="paste"
          onMunimentVerdict={({ detail }) => setCodes([...codes, detail.verdict.code])}
        >
          <h2 slot="heading">A heading of the page</h2>
        </MunimentVerify>
      )}
      <button type="button" onClick={() => element.current?.verify('anything')}>
        Check it
      </button>
      <button type="button" onClick={() => setType('urn:gov:licence:1')}>
        Licences
      </button>
      <button type="button" onClick={() => setShown(false)}>
        Away with it
      </button>
      <p id="codes">{codes.join(' ')}</p>
      <Tag />
    </>
  )
}

/** React 19 needs no wrapper. */
function Tag(): ReactNode {
  const [code, setCode] = useState('')
  return (
    <>
      <muniment-verify
        id="tag"
        accept="paste"
        max-age={30}
        onmuniment-verdict={event => setCode(event.detail.verdict.code)}
      />
      <p id="code">{code}</p>
    </>
  )
}

createRoot(document.querySelector('#main')!).render(<Page />)
