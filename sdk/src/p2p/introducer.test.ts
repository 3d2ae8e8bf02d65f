// Hostile peers at a page that introduces and can be introduced, and a hostile introducer. In Node, over its own WebRTC.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Connection, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { onceMore } from '../../../test/once-more.ts'
import { stubProvider } from '../../../test/stub-provider.ts'
import { introducedCandidatesMax, introductionsPerMinuteAndPeer, offersPerMinuteMax } from '../limits.ts'
import { type BlobKind, packBlob, pairedPolicy, parseBlob } from './blob.ts'
import type { Candidate } from './description.ts'
import { createHost, type Host } from './host.ts'
import { keyOf } from './introduce.ts'
import {
  answerOf,
  type IntroduceAnswer,
  type IntroduceRequest,
  introduceAnswer,
  introduceProtocol,
  introduceRequest,
  requestOf,
  type SignedBlob,
} from './introduction.ts'
import { signIntroduction } from './introduction-signature.ts'
import { parseIp } from './ip.ts'
import { meetByOffer } from './meet.ts'
import { createPeers, type Peers } from './peers.ts'

const closing: (() => Promise<void>)[] = []
after(() => Promise.all(closing.map(close => close())))

async function createServingPage(): Promise<Peers> {
  const page = await createPeers({ loopback: true })
  closing.push(page.close)
  await page.serve(stubProvider())
  return page
}

type Raw = { readonly host: Host; readonly connection: Connection }

/** A peer that says what it likes. */
async function connectRaw(page: Peers): Promise<Raw> {
  const host = await createHost()
  closing.push(async () => host.libp2p.stop())
  const meetings = { host, iceServers: [], paired: new Set<string>(), open: new Set<{ readonly close: () => void }>() }
  const policy = { ...pairedPolicy, scopes: ['public', 'private', 'loopback'] } as const
  const options = { policy, peer: undefined, signal: AbortSignal.timeout(10_000) }
  const connection = await onceMore(async () => {
    const { blob, accept } = await meetByOffer(meetings, options)
    const answer = await page.answer(Buffer.from(blob).toString('base64url'))
    return accept(parseBlob(answer.blob))
  })
  return { host, connection }
}

async function send({ connection }: Raw, bytes: Uint8Array): Promise<IntroduceAnswer> {
  const stream = await connection.newStream(introduceProtocol)
  const frames = lpStream(stream)
  const signal = AbortSignal.timeout(3_000)
  try {
    await frames.write(bytes, { signal })
    return introduceAnswer.decode((await frames.read({ signal })).subarray())
  } finally {
    stream.abort(new Error('done'))
  }
}

const ask = (raw: Raw, part: Partial<IntroduceRequest>): Promise<IntroduceAnswer> =>
  send(raw, introduceRequest.encode(requestOf(part)))
const codeOf = async (answer: Promise<IntroduceAnswer>): Promise<string | undefined> => (await answer).error?.code
const keyOfHost = ({ host }: Raw): Uint8Array => host.parts.privateKey.publicKey.raw

/** A peer that waits to be introduced, and what it answers to the offers that are brought to it. */
async function join(
  page: Peers,
  answer: (offer: SignedBlob) => IntroduceAnswer,
): Promise<Raw & { readonly leave: () => void }> {
  const raw = await connectRaw(page)
  await raw.host.libp2p.handle(introduceProtocol, async stream => {
    const frames = lpStream(stream)
    const { offered } = introduceRequest.decode((await frames.read()).subarray())
    // The page also wants to be introduced by its peers.
    if (!offered) return stream.abort(new Error('nobody is introduced here'))
    await frames.write(introduceAnswer.encode(answer(offered)))
  })
  const stream: Stream = await raw.connection.newStream(introduceProtocol)
  const frames = lpStream(stream)
  await frames.write(introduceRequest.encode(requestOf({ join: {} })))
  assert.ok(introduceAnswer.decode((await frames.read()).subarray()).joined)
  return { ...raw, leave: () => stream.abort(new Error('left')) }
}

const candidates = (count: number): readonly Candidate[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'host',
    address: { ip: parseIp('192.0.2.1')! },
    port: 50_000 + index,
  }))
const blobWith = (count: number, kind: BlobKind = 'offer'): Uint8Array =>
  packBlob(
    kind,
    {
      ufrag: 'abcd',
      password: 'abcdefghijklmnopqrstuvwx',
      fingerprint: new Uint8Array(32),
      candidates: candidates(count),
    },
    { countMax: 8, scopes: ['public'] },
  )
const offerOf = (sender: Raw, target: Uint8Array, blob: Uint8Array = blobWith(1), nowMs: number = Date.now()) =>
  signIntroduction({ kind: 'offer', blob, target }, sender.host.parts.privateKey, nowMs)

test('whoever waits is named to others, not to himself, and not after he left', async () => {
  const page = await createServingPage()
  const anna = await join(page, () => answerOf({}))
  const berta = await connectRaw(page)
  assert.deepEqual((await ask(berta, { list: {} })).list?.keys, [new Uint8Array(keyOfHost(anna))])
  assert.deepEqual((await ask(anna, { list: {} })).list?.keys, [])
  anna.leave()
  await new Promise(resolve => setTimeout(resolve, 100))
  assert.deepEqual((await ask(berta, { list: {} })).list?.keys, [])
  assert.equal(await codeOf(ask(berta, { introduce: await offerOf(berta, keyOfHost(anna)) })), 'unavailable')
})

test('a forged, expired or crowded offer is not brought to its target, nor a sixth within a minute', async () => {
  const page = await createServingPage()
  const brought: SignedBlob[] = []
  const anna = await join(page, offer => {
    brought.push(offer)
    return answerOf({ answer: offer })
  })
  const attempt = async (change: (berta: Raw) => Promise<SignedBlob>): Promise<string | undefined> => {
    const berta = await connectRaw(page)
    return codeOf(ask(berta, { introduce: await change(berta) }))
  }
  const target = keyOfHost(anna)
  const refused: readonly [string, (berta: Raw) => Promise<SignedBlob>][] = [
    ['wrong-key', () => offerOf(anna, target)],
    ['bad-signature', async berta => ({ ...(await offerOf(berta, target)), blob: blobWith(2) })],
    ['expired', berta => offerOf(berta, target, blobWith(1), Date.now() - 200_000)],
    ['from-future', berta => offerOf(berta, target, blobWith(1), Date.now() + 200_000)],
    ['oversized', berta => offerOf(berta, target, blobWith(introducedCandidatesMax + 1))],
    ['truncated', berta => offerOf(berta, target, blobWith(1).subarray(0, 40))],
  ]
  for (const [code, change] of refused) assert.equal(await attempt(change), code)
  assert.equal(brought.length, 0)
  const berta = await connectRaw(page)
  for (let count = 0; count < introductionsPerMinuteAndPeer; count++)
    assert.ok((await ask(berta, { introduce: await offerOf(berta, target) })).answer)
  assert.equal(await codeOf(ask(berta, { introduce: await offerOf(berta, target) })), 'limited')
  assert.equal(brought.length, introductionsPerMinuteAndPeer)
})

test('a page that can be introduced checks each offer itself, answers it once, and only so many', async () => {
  const page = await createServingPage()
  const introducer = await connectRaw(page)
  const target = keyOf(introducer.connection.remotePeer)
  const offer = await offerOf(introducer, target)
  const { answer } = await ask(introducer, { offered: offer })
  assert.deepEqual(answer?.target, new Uint8Array(keyOfHost(introducer)))
  assert.equal(await codeOf(ask(introducer, { offered: offer })), 'refused')
  assert.equal(await codeOf(ask(introducer, { offered: { ...offer, blob: blobWith(2) } })), 'bad-signature')
  assert.equal(
    await codeOf(ask(introducer, { offered: await offerOf(introducer, keyOfHost(introducer)) })),
    'wrong-key',
  )
  const crowded = await offerOf(introducer, target, blobWith(introducedCandidatesMax + 1))
  assert.equal(await codeOf(ask(introducer, { offered: crowded })), 'oversized')
  const old = await offerOf(introducer, target, blobWith(1), Date.now() - 200_000)
  assert.equal(await codeOf(ask(introducer, { offered: old })), 'expired')
  const codes: (string | undefined)[] = []
  for (let count = 0; count < offersPerMinuteMax; count++)
    codes.push(await codeOf(ask(introducer, { offered: await offerOf(introducer, target) })))
  // Eight connections are being made at once, and twenty offers a minute are looked at.
  assert.ok(codes.filter(code => code === undefined).length < 8, codes.join())
  assert.equal(codes.at(-1), 'limited')
})

test('frames that are too long, empty or nonsense end their stream or get a word, and harm nobody else', async () => {
  const page = await createServingPage()
  const raw = await connectRaw(page)
  await assert.rejects(send(raw, new Uint8Array(2_000)))
  assert.equal(await codeOf(send(raw, new Uint8Array(0))), 'malformed')
  assert.equal(await codeOf(send(raw, new Uint8Array(100).fill(255))), 'malformed')
  assert.equal(await codeOf(ask(raw, { list: {}, join: {} })), 'malformed')
  assert.deepEqual((await ask(raw, { list: {} })).list?.keys, [])
})

test('an introducer that answers for somebody else, or brings an answer to another offer, connects nobody', async () => {
  const page = await createServingPage()
  const introducer = await connectRaw(page)
  const somebody = await createHost()
  closing.push(async () => somebody.libp2p.stop())
  const key = somebody.parts.privateKey.publicKey.raw
  const kind = 'answer'
  const blob = blobWith(1, kind)
  const answers: readonly (readonly [string, (offer: SignedBlob) => Promise<IntroduceAnswer>])[] = [
    ['malformed', async () => answerOf({})],
    ['malformed', async () => answerOf({ list: { keys: [key] } })],
    ['wrong-key', async offer => answerOf({ answer: offer })],
    [
      'wrong-key',
      async offer => {
        const forged = { kind, blob, target: offer.sender, offer: offer.signature } as const
        return answerOf({ answer: await signIntroduction(forged, introducer.host.parts.privateKey, Date.now()) })
      },
    ],
    [
      'bad-signature',
      async offer => {
        const older = { kind, blob, target: offer.sender, offer: new Uint8Array(64) } as const
        return answerOf({ answer: await signIntroduction(older, somebody.parts.privateKey, Date.now()) })
      },
    ],
  ]
  let round = 0
  await introducer.host.libp2p.handle(introduceProtocol, async stream => {
    const frames = lpStream(stream)
    const request = introduceRequest.decode((await frames.read()).subarray())
    const answer = request.introduce ? await answers[round]![1](request.introduce) : answerOf({ list: { keys: [key] } })
    await frames.write(introduceAnswer.encode(answer))
  })
  for (; round < answers.length; round++) {
    const [neighbour] = await page.neighbours()
    assert.equal(neighbour!.id, somebody.libp2p.peerId.toString())
    await assert.rejects(neighbour!.connect(), { name: 'VerifyError', code: answers[round]![0] }, `answer ${round}`)
  }
})
