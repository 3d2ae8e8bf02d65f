// A node that lies: every answer of the RPC passes through the test, which changes what it likes. The page must never say
// that the steps passed. Anyone may run such a node, so the answer on the document is "not checked", never "forged".

import type { Page, Route } from '@playwright/test'
import { changeNetwork, expect, note, openLink, passedCodes, screenshot, test } from './fixtures.ts'

type Json = { [name: string]: Json } & { [index: number]: Json } & string
type Question = { readonly method: string; readonly params: { readonly [name: string]: string } }

/** Changes the result of one question in place; answers whether it lied. */
type Lie = (question: Question, result: Json) => boolean

const flipBase64 = (text: string, share: number): string => {
  const bytes = Buffer.from(text, 'base64')
  bytes[Math.floor(bytes.length * share)]! ^= 0x10
  return bytes.toString('base64')
}
const flipHex = (text: string): string => `${text.startsWith('0') ? '1' : '0'}${text.slice(1)}`

const commitLie =
  (change: (signedHeader: Json) => void): Lie =>
  ({ method }, result) => {
    if (method !== 'commit') return false
    change(result.signed_header!)
    return true
  }

const proofLie =
  (change: (response: Json, key: string) => void): Lie =>
  ({ method, params }, result) => {
    if (method !== 'abci_query') return false
    change(result.response!, params.data!)
    return true
  }

const setMember = (target: Json, name: string, value: unknown): void => {
  target[name] = value as Json
}

const lies: Readonly<Record<string, Lie>> = {
  'another app hash': commitLie(({ header }) => setMember(header!, 'app_hash', flipHex(header!.app_hash!))),
  'a later time': commitLie(({ header }) => setMember(header!, 'time', new Date(Date.now() + 5_000).toISOString())),
  'an earlier time': commitLie(({ header }) => setMember(header!, 'time', '2020-01-01T00:00:00Z')),
  'a higher height': commitLie(({ header, commit }) => {
    setMember(header!, 'height', '99999')
    setMember(commit!, 'height', '99999')
  }),
  'another chain': commitLie(({ header }) => setMember(header!, 'chain_id', 'example-2')),
  'another set of validators': commitLie(({ header }) =>
    setMember(header!, 'validators_hash', flipHex(header!.validators_hash!)),
  ),
  'a broken signature': commitLie(({ commit }) => {
    const [vote] = commit!.signatures as unknown as Json[]
    setMember(vote!, 'signature', flipBase64(vote!.signature!, 0.3))
  }),
  'no signature': commitLie(({ commit }) => setMember(commit!, 'signatures', [])),
  'an absent vote': commitLie(({ commit }) => {
    const [vote] = commit!.signatures as unknown as Json[]
    setMember(vote!, 'block_id_flag', 1)
  }),
  'a signature twice': commitLie(({ commit }) => {
    const votes = commit!.signatures as unknown as Json[]
    votes.push(votes[0]!)
  }),
  'another validator’s key': ({ method }, result) => {
    if (method !== 'validators') return false
    const [validator] = result.validators as unknown as Json[]
    setMember(validator!.pub_key!, 'value', flipBase64(validator!.pub_key!.value!, 0.5))
    return true
  },
  'a validator with more power': ({ method }, result) => {
    if (method !== 'validators') return false
    const [validator] = result.validators as unknown as Json[]
    setMember(validator!, 'voting_power', '1000000')
    return true
  },
  'a proof without its end': proofLie(({ proofOps }) => {
    const [op] = proofOps!.ops as unknown as Json[]
    setMember(op!, 'data', op!.data!.slice(0, -8))
  }),
  'no proof': proofLie(response => setMember(response, 'proofOps', null)),
  'an error in place of a proof': proofLie(response => setMember(response, 'code', 1)),
  'a proof of another height': proofLie(response => setMember(response, 'height', '1')),
  ...Object.fromEntries(
    [0.02, 0.2, 0.4, 0.6, 0.8, 0.98].flatMap(share =>
      [0, 1].map(place => [
        `a bit flipped in proof ${place} at ${share}`,
        proofLie(({ proofOps }) => {
          const op = (proofOps!.ops as unknown as Json[])[place]!
          setMember(op, 'data', flipBase64(op.data!, share))
        }),
      ]),
    ),
  ),
}

async function answerWith(page: Page, change: (question: Question, answer: { result: Json }) => void): Promise<void> {
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  await page.route(/\/rpc(\/|$|\?)/, async (route: Route) => {
    // It speaks CometBFT's RPC only, so that its answers are readable here.
    if (route.request().url().endsWith('/query')) return route.fulfill({ status: 404, body: '404 page not found' })
    const question = route.request().postDataJSON() as Question
    const response = await route.fetch()
    const answer = (await response.json()) as { result: Json }
    if (answer.result) change(question, answer)
    await route.fulfill({ response, json: answer })
  })
}

for (const [name, lie] of Object.entries(lies)) {
  test(`a node that answers with ${name} convinces nobody`, async ({ page, portal }) => {
    const [record] = await portal.records()
    let told = 0
    await answerWith(page, (question, { result }) => {
      if (lie(question, result)) told++
    })
    const verdict = await openLink(page, portal.linkOf(record!))
    expect(told).toBeGreaterThan(0)
    expect(passedCodes).not.toContain(verdict.code)
    expect(verdict.kind).toBe('unknown')
  })
}

for (const share of [0.01, 0.1, 0.25, 0.5, 0.75, 0.99]) {
  test(`a bit that is flipped at ${share} of each answer of our own protocol convinces nobody`, async ({
    page,
    portal,
  }) => {
    const [record] = await portal.records()
    await changeNetwork(page, network => ({ ...network, peers: [] }))
    let told = 0
    await page.route(/\/rpc(\/|$|\?)/, async (route: Route) => {
      const response = await route.fetch()
      const body = await response.body()
      body[Math.floor(body.length * share)]! ^= 0x10
      told++
      await route.fulfill({ response, body })
    })
    const verdict = await openLink(page, portal.linkOf(record!))
    expect(told).toBeGreaterThan(0)
    expect(verdict.kind).toBe('unknown')
    expect(passedCodes).not.toContain(verdict.code)
  })
}

test('a node that exchanges the proofs of two records convinces nobody', async ({ page, portal }) => {
  const [record] = await portal.records()
  const seen = new Map<string, Json>()
  let told = 0
  await answerWith(page, ({ method, params }, answer) => {
    if (method !== 'abci_query') return
    const [other] = [...seen].find(([key]) => key !== params.data) ?? []
    seen.set(params.data!, structuredClone(answer.result))
    if (!other) return
    answer.result = seen.get(other)!
    told++
  })
  const verdict = await openLink(page, portal.linkOf(record!))
  expect(told).toBeGreaterThan(0)
  expect(verdict.kind).toBe('unknown')
  expect(passedCodes).not.toContain(verdict.code)
  await screenshot(page, 'verify-lying-node')
})

test('a node that goes back to before a revocation does not convince whoever has seen a newer block', async ({
  page,
  portal,
}) => {
  const licence = await portal.act({ action: 'grant', fields: { business: 'Example Ferry' } })
  const recorded = new Map<string, Json>()
  let replay = false
  let told = 0
  await answerWith(page, ({ method, params }, answer) => {
    // The newest block, and each key whatever height it is asked at.
    const key = method === 'abci_query' ? `${method} ${params.data}` : `${method} ${JSON.stringify(params)}`
    if (!replay) recorded.set(key, structuredClone(answer.result))
    else if (recorded.has(key)) {
      answer.result = recorded.get(key)!
      told++
    }
  })
  // Who speaks CometBFT's RPC only has no witnesses to show.
  expect((await openLink(page, portal.linkOf(licence))).code).toBe('single-operator')
  await portal.act({ action: 'revoke', id: licence.id })
  await page.unroute(/\/rpc(\/|$|\?)/)
  expect((await openLink(page, portal.linkOf(licence))).code).toBe('revoked')

  replay = true
  await answerWith(page, ({ method, params }, answer) => {
    const key = method === 'abci_query' ? `${method} ${params.data}` : `${method} ${JSON.stringify(params)}`
    if (!recorded.has(key)) return
    answer.result = recorded.get(key)!
    told++
  })
  const verdict = await openLink(page, portal.linkOf(licence))
  expect(told).toBeGreaterThan(0)
  expect(passedCodes).not.toContain(verdict.code)
  note('a node goes back', { code: verdict.code, evidence: verdict.evidence })
})
