// What <muniment-status> says of a case, from stories that the real ledger has played: how its officials were chosen, what runs out, who
// looked, and what was destroyed.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  beaconMixEntry,
  beaconMixKey,
  type Client,
  caseKey,
  formatHex,
  loadCrypto,
  lookKey,
  looksSecret,
  lookTag,
} from '@muniment/sdk'
import { createMemoryStage } from '../node/src/scenario/memory-stage.ts'
import { playScenario, type Seen } from '../node/src/scenario/play.ts'
import { readFolder, readStories } from '../node/src/scenario/stories.ts'
import { messagesFor } from '../web-components/src/messages/messages.ts'
import { readCase } from '../web-components/src/status/case.ts'
import { caseSections } from '../web-components/src/status/case-view.ts'
import { lastMonths, readStanding, standingSections } from '../web-components/src/status/standing.ts'
import { partsText } from '../web-components/src/text.ts'

const crypto = await loadCrypto()
after(() => crypto.close())
const stories = readStories(readFolder(fileURLToPath(new URL('../services', import.meta.url))), crypto)
const { tellers, country, ...given } = stories
const words = messagesFor('en-GB')
const unasked = new AbortController().signal

/** One story told to its end: the last case that it opened, what that keeps, and a client over the state. */
async function play(own: string, name: string) {
  const stage = createMemoryStage(country, crypto)
  const scenario = tellers.find(({ id }) => id === own)!.scenarios.find(each => each.name === name)
  assert.ok(scenario, name)
  const seen: Seen = { taken: new Set(), open: new Set(), closed: new Set() }
  const answers: Uint8Array[] = []
  const secrets: Uint8Array[] = []
  const asked: string[] = []
  const watched = {
    ...stage,
    async submit(transaction: Uint8Array) {
      const result = await stage.submit(transaction)
      if (result.code === 0 && result.data.length === 32) answers.push(result.data)
      return result
    },
  }
  const onPrivate = ({ secret }: { readonly secret: Uint8Array }): void => void secrets.push(secret)
  assert.equal(await playScenario(scenario, { ...given, stage: watched, own, seen, onPrivate }), undefined)
  const read = async (keys: readonly Uint8Array[]) => {
    asked.push(...keys.map(formatHex))
    return { values: await stage.read(keys), header: { time: stage.now(), height: stage.height() } }
  }
  const client = { crypto, now: stage.now, read } as unknown as Client
  const held = async (id: Uint8Array): Promise<boolean> => (await stage.read([caseKey(crypto, id)]))[0] !== undefined
  const ids: Uint8Array[] = []
  for (const id of answers) if (await held(id)) ids.push(id)
  return { client, stage, ids, id: ids.at(-1)!, secret: secrets.at(-1)!, asked }
}

type Told = Readonly<Record<string, readonly (readonly string[])[]>>

async function tell(client: Client, id: Uint8Array, secret?: Uint8Array): Promise<Told> {
  const facts = await readCase(client, { id, secret }, unasked)
  assert.ok(facts)
  const sections = caseSections(facts, words)
  return Object.fromEntries(sections.map(({ name, items }) => [name, items.map(({ lines }) => lines.map(partsText))]))
}

const filed = 'Filed again in order to meet another inspector'
const looking = 'Who looked is listed by the citizen, and by nobody else'

test('whoever has the secret sees each look: day, office, post, reason, and what was opened', async () => {
  const { client, id, secret } = await play('civil.birth@1', looking)
  const { looks } = await tell(client, id, secret)
  assert.equal(looks!.length, 3)
  const [day, who, reason, opened] = looks![0]!
  assert.match(day!, /2026/)
  assert.match(who!, / · registrar$/)
  assert.equal(reason, 'Reason: correction')
  assert.equal(opened, 'Opened: Child and Parents')
})

test('a stranger is told nothing of looks, and no node is asked for their numbers', async () => {
  const { client, id, secret, asked } = await play('civil.birth@1', looking)
  asked.length = 0
  const { looks } = await tell(client, id)
  assert.deepEqual(looks, [])
  assert.ok(!asked.includes(formatHex(lookKey(crypto, lookTag(crypto, looksSecret(crypto, secret), 0)))))
})

test('that nobody looked is said to hold for the case’s own secret only', async () => {
  const { client, id } = await play('civil.birth@1', looking)
  const { looks } = await tell(client, id, new Uint8Array(32).fill(7))
  assert.match(looks![0]![0]!, /^Nobody looked, as of .* if the secret is that of this case\.$/)
})

test('a drawn official is said to be drawn, by whom that could have been bent, and out of how many', async () => {
  const { client, ids } = await play('trade.licensing@1', filed)
  const { officials } = await tell(client, ids[0]!)
  const said = officials!.flat().join('\n')
  assert.match(said, /Drawn by lot, out of \d+; worked out again here\. But one operator could have steered it\./)
})

test('whoever files again is told that the same official has the matter, and not that it was somebody’s turn', async () => {
  const { client, ids } = await play('trade.licensing@1', filed)
  const { officials } = await tell(client, ids.at(-1)!)
  assert.deepEqual(officials![0]!.slice(1), ['The same official as when this matter was first filed.'])
})

test('a draw that the ledger’s own values do not give is said to be wrong', async () => {
  const { client, ids } = await play('trade.licensing@1', filed)
  const id = ids[0]!
  const facts = (await readCase(client, { id, secret: undefined }, unasked))!
  const mix = facts.entry.assignments.find(({ draw }) => draw)!
  const key = formatHex(beaconMixKey(crypto, mix.draw!.mixHeight))
  const lying = {
    ...client,
    async read(keys: readonly Uint8Array[]) {
      const state = await client.read(keys)
      const values = state.values.map((value, place) => {
        if (!value || formatHex(keys[place]!) !== key) return value
        return beaconMixEntry.encode({ ...beaconMixEntry.decode(value), validators: 9, committedHeight: 1n })
      })
      return { ...state, values }
    },
  } as Client
  const { officials } = await tell(lying, id)
  assert.match(officials!.flat().join('\n'), /The draw does not fit what the ledger shows/)
})

const shredding = 'What opened it is kept for its time, then destroyed'

test('destroyed content is said to be destroyed, and when that was signed', async () => {
  const { client, ids } = await play('trade.licensing@1', shredding)
  const { content } = await tell(client, ids[0]!)
  assert.match(content![0]![0]!, /^Destroyed\. An official signed this on \d+ \w+ 20\d\d/)
})

test('content that should have been destroyed is said to be late, and from which day', async () => {
  const { client, id, stage } = await play('trade.licensing@1', 'Nobody opens the file, and the ministry refuses')
  const before = await tell(client, id)
  assert.match(before.content![0]![0]!, /^(To be destroyed by|Kept)/)
  await stage.advance(40 * 86_400)
  assert.match((await tell(client, id)).content![0]![0]!, /^To be destroyed by \d+ \w+ 20\d\d\.$/)
  await stage.advance(4_000 * 86_400)
  const { content } = await tell(client, id)
  assert.match(content![0]![0]!, /^It should have been destroyed by \d+ \w+ 20\d\d\. Nobody has signed that it was\.$/)
})

test('a clock that runs is shown with its end, and a late office is called late', async () => {
  const { client, id, stage } = await play('civil.birth@1', looking)
  assert.match((await tell(client, id)).clock![0]![0]!, /2026/)
  await stage.advance(30 * 86_400)
  const { clock } = await tell(client, id)
  assert.match(clock!.flat().join(' '), /The office is late since/)
})

test('public figures are those of the ledger, by office', async () => {
  const { client } = await play('civil.birth@1', looking)
  const standing = await readStanding(client, ['civil.birth@1'], unasked)
  const [validators, figures] = standingSections(standing, words)
  assert.ok(figures ?? validators)
  const lines = (figures ?? validators)!.items.flatMap(({ lines }) => lines.map(partsText))
  assert.ok(lines.includes('Cases opened: 1'), lines.join('\n'))
})

test('twelve months go back over the turn of a year', () => {
  const months = lastMonths({ seconds: 1_772_539_200n, nanos: 0 })
  assert.deepEqual([months[0], months[2], months[3], months[11]], ['2026-03', '2026-01', '2025-12', '2025-04'])
})
