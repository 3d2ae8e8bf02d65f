// What a check will surely ask, asked while the code that reads the answers is still on its way: on a poor line that is two
// seconds. Nothing here is believed or even read; the client takes an answer where it would have asked just that.

import type { Early, Fetch } from '../network/bundle.ts'
import { fetchFile } from '../network/network-file.ts'
import { unlessAborted } from '../signals.ts'

/** An answer that has waited longer is too old for a question about the newest block. */
const answerAgeMsMax = 10_000

/** Of the page's network, if it names one already. WebRTC is loaded where its file names no server. */
export function askEarly(loadPeers: () => Promise<void>): Early | undefined {
  const src = document.querySelector('muniment-network')?.getAttribute('src')
  if (!src) return undefined
  const file = fetchFile(src)
  const fetch = file.then(text => askQuestions(text, loadPeers)).catch(() => undefined)
  return { href: new URL(src, document.baseURI).href, file, fetch }
}

/** Answers with undefined where nobody is asked: the page checks nothing by itself, or the file is not what it should be. */
function askQuestions(networkFile: string, loadPeers: () => Promise<void>): Fetch | undefined {
  if (document.querySelector('muniment-verify[auto]') === null || location.hash.length < 2) return undefined
  const { rpc, peers, checkpoint } = JSON.parse(networkFile)
  const server: unknown = rpc?.[0]
  if (typeof server !== 'string') {
    if (peers?.[0] && typeof RTCPeerConnection === 'function') loadPeers().catch(() => undefined)
    return undefined
  }
  const address = new URL('query', `${new URL(server, location.href).href.replace(/\/$/, '')}/`).href
  const answers = new Map<string, Promise<Response>>()
  for (const body of [witnessedHead, checkpointBlock(checkpoint)]) {
    const answer = fetch(address, {
      method: 'POST',
      body: Uint8Array.from(body),
      redirect: 'error',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
    })
    answer.catch(() => undefined)
    answers.set(String(body), answer)
  }
  setTimeout(() => answers.clear(), answerAgeMsMax)
  return (asked, init) => {
    const question = asked === address ? String(init.body) : ''
    const answer = answers.get(question)
    answers.delete(question)
    if (answer === undefined) return fetch(asked, init)
    // What broke while nobody waited for it is asked again.
    return unlessAborted(
      answer.catch(() => fetch(asked, init)),
      init.signal!,
    )
  }
}

/** Request 1 of `/muniment/query/1`: field 9, nothing inside. */
const witnessedHead = [0x08, 1, 0x4a, 0]

/** Field 3: the block of the checkpoint's height, compact, no set known, its commit whole. */
function checkpointBlock(checkpoint: string): readonly number[] {
  const height = heightOf(
    Uint8Array.from(atob(checkpoint.replaceAll('-', '+').replaceAll('_', '/')), at => at.charCodeAt(0)),
  )
  const compact = [0x1a, 2, 0x1a, 0]
  const inner = [0x08, ...height, 0x10, ...height, ...compact]
  return [0x08, 1, 0x1a, inner.length, ...inner]
}

/** The bytes of field 3 of the message in field 1. */
function heightOf(signed: Uint8Array): readonly number[] {
  const varint = (at: number): number => {
    let end = at
    while (signed[end]! > 0x7f) end++
    return end + 1
  }
  let at = varint(1)
  // Before it come texts of less than 128 bytes.
  while (signed[at] === 0x0a || signed[at] === 0x12) at += 2 + signed[at + 1]!
  return signed[at] === 0x18 ? [...signed.subarray(at + 1, varint(at + 1))] : []
}
