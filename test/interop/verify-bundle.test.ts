// A proof bundle of ours is verified by a program that is made of CometBFT's and cosmos/ics23's libraries alone
// (docs/verify-bundle), and one that is forged is refused.

import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { memoryDatabase, newDisk } from '../../node/src/storage/memory.ts'
import { proveStore } from '../../node/src/tree/app-hash.ts'
import { openTree } from '../../node/src/tree/tree.ts'
import { concat, encodeUtf8, formatHex, parseBase64Url, parseHex } from '../../sdk/src/bytes.ts'
import { headerHash } from '../../sdk/src/comet/header.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import type { CommitmentProof, ExistenceProof } from '../../sdk/src/ics23/proof.ts'
import { checkpoint, signedCheckpoint } from '../../sdk/src/light/checkpoint.ts'
import { type Bundle, encodeBundle } from '../../sdk/src/record/bundle.ts'
import { addSeconds, formatTime } from '../../sdk/src/time.ts'
import { commitOf, createSignedChain } from '../signed-chain.ts'
import { buildGoProgram, goSkip, runProgram } from './go.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const members = (names: string) => [...names].map(name => ({ name, power: 10n }))
const sets: Readonly<Record<number, string>> = { 1: 'abcd', 4: 'abce', 6: 'abef' }
const key = (name: string): Uint8Array => encodeUtf8(`key of ${name}`)
const value = encodeUtf8('its value')

/**
 * The state after block 6, under the head at 7, verified from a checkpoint at 2 over changes of the validators. `behind` is put
 * behind the prefix of the store's leaf.
 */
async function makeBundle(behind = new Uint8Array(0)): Promise<Bundle> {
  const database = memoryDatabase(newDisk())
  const tree = await openTree(database)
  const staged = await tree.stage(['genesis', 'here', 'and here'].map(name => ({ key: key(name), value })))
  await database.write(staged.writes)
  tree.committed(staged)
  const roots = { state: tree.root(0n), history: crypto.sha256(encodeUtf8('history')) }
  const store = proveStore('state', roots)
  const stored = { ...store, leaf: { ...store.leaf!, prefix: concat(store.leaf!.prefix, behind) } }
  const chain = createSignedChain(
    {
      heights: 7,
      membersAt: height =>
        members(
          sets[
            Math.max(
              ...Object.keys(sets)
                .map(Number)
                .filter(from => from <= height),
            )
          ]!,
        ),
      appHashAt: height => (height === 7 ? rootOf(stored) : crypto.sha256(encodeUtf8(`state ${height}`))),
    },
    crypto,
  )
  const keys = ['here', 'not here', 'and here'].map(key)
  const answer = {
    height: 6n,
    stores: [stored],
    proofs: keys.map(each => tree.prove(each, 0n)),
  }
  return {
    chainId: chain.chainId,
    document: 'a document',
    blocks: [2, 3, 5, 7].map(height => chain.blocks[height - 1]!),
    states: [{ keys, answer }],
  }
}

/** The app hash that a store's proof leads to. */
function rootOf({ key: name, value: root, leaf, path }: ExistenceProof): Uint8Array {
  const [step] = path
  const node = crypto.sha256(leaf!.prefix, Uint8Array.of(name.length), name, Uint8Array.of(32), crypto.sha256(root))
  return crypto.sha256(step!.prefix, node, step!.suffix)
}

describe('docs/verify-bundle', { skip: goSkip }, () => {
  const file = join(tmpdir(), `muniment-bundle-${process.pid}`)
  let binary: string
  let bundle: Bundle
  before(async () => {
    binary = await buildGoProgram('../../docs/verify-bundle')
    bundle = await makeBundle()
  })
  after(() => rmSync(file, { force: true }))

  type Trust = { readonly hash?: string; readonly chain?: string; readonly later?: number }

  function run(bytes: Uint8Array, { hash, chain = 'test-chain', later = 60 }: Trust = {}): Promise<string> {
    writeFileSync(file, bytes)
    const trusted = hash ?? formatHex(headerHash(bundle.blocks[0]!.header, crypto))
    const now = formatTime(addSeconds(bundle.blocks[3]!.header.time, later))
    const args = ['-chain', chain, '-height', '2', '-hash', trusted, '-now', now, '-level', '1/3', file]
    return runProgram(binary, args)
  }

  const refused = (change: Partial<Bundle>, why: RegExp, trust: Trust = {}): Promise<void> =>
    assert.rejects(run(encodeBundle({ ...bundle, ...change }), trust), why)

  test('has at most 200 lines, and imports only those two libraries', () => {
    const source = readFileSync(new URL('../../docs/verify-bundle/main.go', import.meta.url), 'utf8')
    assert.ok(source.trimEnd().split('\n').length <= 200)
    const imported = [...source.matchAll(/^\t(?:\w+ )?"([^"]+\.[^"]+)"$/gm)].map(([, path]) => path!)
    assert.ok(imported.length >= 4)
    for (const path of imported)
      assert.match(path, /^github\.com\/cometbft\/cometbft\/|^github\.com\/cosmos\/ics23\/go$/)
  })

  test('says what the state under the head holds, and what it does not', async () => {
    const said = (await run(encodeBundle(bundle))).trim().split('\n')
    const hash = formatHex(headerHash(bundle.blocks[3]!.header, crypto)).toUpperCase()
    const hex = (bytes: Uint8Array): string => formatHex(bytes).toUpperCase()
    assert.match(said[0]!, new RegExp(`^head 7 of .*: ${hash}$`))
    assert.deepEqual(said.slice(1), [
      `after block 6: ${hex(key('here'))} = ${hex(value)}`,
      `after block 6: ${hex(key('not here'))} is absent`,
      `after block 6: ${hex(key('and here'))} = ${hex(value)}`,
    ])
  })

  test('reads the bundle whose bytes are frozen, from its checkpoint', async () => {
    const golden = JSON.parse(readFileSync(new URL('../golden/bundle-1.json', import.meta.url), 'utf8'))
    const signed = signedCheckpoint.decode(parseBase64Url(golden.network.checkpoint))
    const { chainId, height, headerHash: hash } = checkpoint.decode(signed.checkpoint)
    writeFileSync(file, parseHex(golden.bundle))
    const args = [
      '-chain',
      chainId,
      '-height',
      String(height),
      '-hash',
      formatHex(hash),
      '-now',
      golden.checkedAt,
      file,
    ]
    const said = (await runProgram(binary, args)).trim().split('\n')
    assert.match(said[0]!, /^head \d+ of /)
    assert.ok(said.length > 1)
    for (const line of said.slice(1)) assert.match(line, /^after block \d+: [0-9A-F]+ (= [0-9A-F]+|is absent)$/)
  })

  test('refuses another checkpoint, another chain, and a head of yesterday’s trust', async () => {
    await refused({}, /not the checkpoint/, { hash: '00'.repeat(32) })
    await refused({ blocks: bundle.blocks.slice(1) }, /not the checkpoint/)
    await refused({}, /of the chain/, { chain: 'other-chain' })
    await refused({ chainId: 'other-chain' }, /of the chain/)
    await refused({}, /expired/, { later: 31 * 86_400 })
  })

  test('refuses blocks that do not follow: too few common validators, too few signatures, a changed header', async () => {
    const [first, second, third, head] = bundle.blocks as [LightBlock, LightBlock, LightBlock, LightBlock]
    const signed = (block: LightBlock, names: string): LightBlock => ({
      ...block,
      commit: commitOf(block.header, block.validatorSet, [...names], crypto),
    })
    await refused({ blocks: [first, second, third, signed(head, 'ab')] }, /insufficient voting power/)
    await refused({ blocks: [first, second, signed(third, 'ce'), head] }, /can't trust|insufficient voting power/)
    const changed = { ...head, header: { ...head.header, appHash: third.header.appHash } }
    await refused({ blocks: [first, second, third, changed] }, /commit signs block/)
    const forged = head.commit.signatures.map(each => ({ ...each, signature: new Uint8Array(64).fill(1) }))
    const commit = { ...head.commit, signatures: forged }
    await refused({ blocks: [first, second, third, { ...head, commit }] }, /wrong signature/)
    await refused({ blocks: [first, head, third] }, /expected new header height/)
  })

  test('refuses state that is not proven under the head', async () => {
    const [{ keys, answer }] = bundle.states as [Bundle['states'][number]]
    const state = (change: Partial<typeof answer>, named = keys): Partial<Bundle> => ({
      states: [{ keys: named, answer: { ...answer, ...change } }],
    })
    const [here, absent, also] = answer.proofs as [CommitmentProof, CommitmentProof, CommitmentProof]
    const exist = here.exist!
    const proofs = (first: ExistenceProof): Partial<Bundle> =>
      state({ proofs: [{ exist: first, nonexist: undefined }, absent, also] })
    await refused(proofs({ ...exist, value: encodeUtf8('forged') }), /value .* is not proven/)
    await refused(proofs({ ...exist, path: exist.path.slice(1) }), /value .* is not proven/)
    await refused(state({ proofs: [also, absent, here] }), /value .* is not proven/)
    await refused(state({ proofs: [absent, absent, also] }), /absence .* is not proven/)
    await refused(state({ proofs: [here, absent] }), /not a proof for each key/)
    await refused(state({}, [key('here'), key('and here'), key('here')]), /absence .* is not proven/)
    await refused(state({ height: 4n }), /not under the app hash/)
    await refused(state({ height: 5n }), /under no header/)
    await refused(state({ stores: [{ ...answer.stores[0]!, value: new Uint8Array(32) }] }), /not under the app hash/)
    await refused(state({ stores: [] }), /one store/)
  })

  test('refuses a proof whose leaf has a longer prefix, which the library alone would take', async () => {
    const longer = await makeBundle(Uint8Array.of(1, 2, 3))
    const hash = formatHex(headerHash(longer.blocks[0]!.header, crypto))
    await assert.rejects(run(encodeBundle(longer), { hash }), /not under the app hash/)
  })

  test('refuses bytes that are cut or changed, and never crashes', async () => {
    const whole = encodeBundle(bundle)
    const starts = [0, 1, 30, whole.length >> 1, whole.length - 40, whole.length - 1]
    for (const at of starts) {
      await assert.rejects(run(whole.subarray(0, at)), /refused/, `cut at ${at}`)
      const changed = whole.with(at, whole[at]! ^ 0x55)
      const answer = await run(changed).then(
        () => 'taken',
        error => String(error),
      )
      assert.doesNotMatch(answer, /panic|goroutine/, `changed at ${at}`)
    }
  })
})
