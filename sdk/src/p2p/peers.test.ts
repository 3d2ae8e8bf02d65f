// Pages as far as Node can be one: with its own WebRTC, on this machine. What browsers do is shown in test/e2e.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { onceMore } from '../../../test/once-more.ts'
import { stubProvider } from '../../../test/stub-provider.ts'
import type { Provider } from '../provider.ts'
import { createPeers, type Neighbour, type Peers } from './peers.ts'

const open: Peers[] = []
after(() => Promise.all(open.map(peers => peers.close())))

async function createPage(): Promise<Peers> {
  const page = await createPeers({ loopback: true })
  open.push(page)
  return page
}

/** Answers one question, so that it can be seen who did. */
function serving(name: string): Provider {
  return stubProvider({ submit: async () => ({ code: 0, log: name }) })
}

async function nameOf(provider: Provider): Promise<string> {
  return (await provider.submit(new Uint8Array(1))).log
}

/** Whose user carried two blobs; the providers of what the other side serves. */
function pair(one: Peers, other: Peers): Promise<readonly [Provider, Provider]> {
  return onceMore(async () => {
    const offer = await one.offer()
    const answer = await other.answer(offer.blob)
    return Promise.all([offer.accept(answer.blob), answer.connected])
  })
}

test('two pages pair by two texts; one asks, the other answers', async () => {
  const [anna, berta] = [await createPage(), await createPage()]
  await anna.serve(serving('annas'))
  const [towardsAnna, towardsBerta] = await pair(berta, anna)
  assert.deepEqual([towardsAnna.kind, towardsAnna.label], ['neighbour', anna.id])
  assert.equal(await nameOf(towardsAnna), 'annas')
  // Berta serves nobody, and says so at once.
  await assert.rejects(nameOf(towardsBerta), { name: 'VerifyError', code: 'unavailable' })
})

test('a page that stops serving answers nobody, and can serve again', async () => {
  const [anna, berta] = [await createPage(), await createPage()]
  const stop = await anna.serve(serving('first'))
  const [towardsAnna] = await pair(berta, anna)
  assert.equal(await nameOf(towardsAnna), 'first')
  await stop()
  const [again] = await pair(berta, anna)
  await assert.rejects(nameOf(again), { code: 'unavailable' })
  await anna.serve(serving('second'))
  const [third] = await pair(berta, anna)
  assert.equal(await nameOf(third), 'second')
})

test('a text that is no blob, or the wrong one, is refused, and the pairing can be given up', async () => {
  const [anna, berta] = [await createPage(), await createPage()]
  for (const text of ['', 'hello', 'A'.repeat(600), '<b>'])
    await assert.rejects(anna.answer(text), { name: 'VerifyError' }, text.slice(0, 10))
  const offer = await anna.offer()
  await assert.rejects(anna.answer((await berta.answer(offer.blob)).blob), { code: 'malformed' })
  // A wrong text can be taken back, a second answer can't follow.
  for (const text of ['', 'hello', offer.blob]) await assert.rejects(offer.accept(text), { name: 'VerifyError' })
  const { blob } = await berta.answer(offer.blob)
  await offer.accept(blob).catch(() => undefined)
  await assert.rejects(offer.accept(blob), { code: 'refused' })
  const given = await berta.offer()
  given.cancel()
  const answer = await anna.answer((await berta.offer()).blob)
  answer.cancel()
  await assert.rejects(answer.connected, { code: 'unavailable' })
  const left = new AbortController()
  const late = await anna.answer((await berta.offer()).blob, { signal: left.signal })
  left.abort(new Error('the user went away'))
  await assert.rejects(late.connected, { message: 'the user went away' })
})

test('an answer whose certificate was exchanged on the way connects to nobody', async () => {
  const [anna, berta] = [await createPage(), await createPage()]
  const offer = await anna.offer()
  const { blob } = await berta.answer(offer.blob)
  const bytes = Buffer.from(blob, 'base64url')
  // Behind kind, user name and password: the fingerprint.
  const at = 1 + (1 + Math.ceil((bytes[1]! * 6) / 8))
  const fingerprint = at + 1 + Math.ceil((bytes[at]! * 6) / 8)
  bytes[fingerprint]! ^= 1
  await assert.rejects(offer.accept(bytes.toString('base64url')), { name: 'VerifyError' })
})

test('only so many connections are being made at once', async () => {
  const anna = await createPage()
  const offers = await Promise.all(Array.from({ length: 8 }, () => anna.offer()))
  await assert.rejects(anna.offer(), { code: 'limited' })
  for (const { cancel } of offers) cancel()
  await new Promise(resolve => setTimeout(resolve, 10))
  ;(await anna.offer()).cancel()
})

test('pages are introduced by one that both know, and stay connected when it leaves', async () => {
  const [anna, berta, carla] = [await createPage(), await createPage(), await createPage()]
  await carla.serve(serving('carlas'))
  await anna.serve(serving('annas'))
  await pair(anna, carla)
  await pair(berta, carla)
  // Anna joins as soon as she is connected.
  const find = async (): Promise<Neighbour> => {
    for (;;) {
      const [found] = await berta.neighbours()
      if (found) return found
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
  assert.equal((await find()).id, anna.id)
  const towardsAnna = await onceMore(async () => (await find()).connect())
  assert.deepEqual([towardsAnna.kind, towardsAnna.label], ['neighbour', anna.id])
  assert.deepEqual(await berta.neighbours(), [])
  await carla.close()
  assert.equal(await nameOf(towardsAnna), 'annas')
})
