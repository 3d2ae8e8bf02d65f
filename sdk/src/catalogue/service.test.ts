import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { changeBytes, changes, readOrRefused } from '../../../test/hostile.ts'
import { encodeUtf8, formatHex } from '../bytes.ts'
import { VerifyError } from '../errors.ts'
import { encodeCanonicalJson, type JsonObject, parseJson } from '../json.ts'
import { localize } from './localize.ts'
import { decodeService } from './service.ts'
import { checkSigningPlaces } from './signing-place.ts'

const valid: JsonObject = {
  service: 'land.title@1',
  title: { en: 'Land title', ar: 'سند ملكية' },
  type: 'urn:example:land-title',
  freshness: 300,
  roles: { registrar: { offices: ['land-registry'], post: 'registrar' }, anybody: { anyone: true } },
  fields: [
    { name: 'parcel', label: { en: 'Parcel' }, show: 'committed' },
    { name: 'area', label: { en: 'Area' }, show: 'public' },
  ],
  transitions: {
    enter: { label: { en: 'Enter' }, by: ['registrar'], do: 'records.issue', persons: 2, sign: 'identity' },
    declare: { label: { en: 'Declare' }, by: ['anybody'], do: 'records.issue' },
  },
}
/** As the ledger takes a file. */
function decode(json: JsonObject): ReturnType<typeof decodeService> {
  const service = decodeService(encodeCanonicalJson(json))
  checkSigningPlaces(service)
  return service
}

test('a service file is read whole', () => {
  const service = decode(valid)
  assert.equal(service.id, 'land.title@1')
  assert.deepEqual(Object.keys(service.transitions).sort(), ['declare', 'enter'])
  assert.equal(service.transitions.enter!.persons, 2)
  assert.equal(service.transitions.declare!.persons, 1)
  assert.deepEqual([service.transitions.enter!.sign, service.transitions.declare!.sign], ['identity', 'anywhere'])
  assert.equal(service.roles.anybody, 'anyone')
})

const part = (name: string, value: unknown): JsonObject => ({ ...valid, [name]: value as JsonObject })

test('what would weaken or confuse those who rely on a service is refused', () => {
  const bad: readonly [string, JsonObject][] = [
    ['a name without a version', part('service', 'land.title')],
    ['version 0', part('service', 'land.title@0')],
    ['a second spelling of a version', part('service', 'land.title@01')],
    ['a name that is too long', part('service', `${'a'.repeat(80)}@1`)],
    ['an unknown member', part('script', 'x')],
    ['fresher than the chain can be', part('freshness', 59)],
    ['proofs that never grow old', part('freshness', Number.MAX_SAFE_INTEGER)],
    ['a negative age', part('freshness', -1)],
    [
      'a role that nobody named',
      part('transitions', { x: { label: { en: 'X' }, by: ['constructor'], do: 'records.issue' } }),
    ],
    [
      'an operation that nobody knows',
      part('transitions', { x: { label: { en: 'X' }, by: ['anybody'], do: 'toString' } }),
    ],
    ['a step for nobody', part('transitions', { x: { label: { en: 'X' }, by: [], do: 'records.issue' } })],
    [
      'a step of no persons',
      part('transitions', { x: { label: { en: 'X' }, by: ['anybody'], do: 'records.issue', persons: 0 } }),
    ],
    [
      'a step of more than can sign',
      part('transitions', { x: { label: { en: 'X' }, by: ['anybody'], do: 'records.issue', persons: 17 } }),
    ],
    ...(
      [
        ['a recovery without a delay', { do: 'parties.recover', sign: 'identity' }],
        ['a recovery within the day', { do: 'parties.recoverInPerson', sign: 'identity', delay: 86_399 }],
        ['a recovery that never comes', { do: 'parties.recover', sign: 'identity', delay: 7_776_001 }],
        ['a delay of anything else', { do: 'records.issue', delay: 86_400 }],
        ['guardians that any page names', { do: 'parties.setGuardians' }],
        ['guardians that any page names, said so', { do: 'parties.setGuardians', sign: 'anywhere' }],
        ['a recovery on any page', { do: 'parties.recover', delay: 86_400 }],
        ['mandates that any page gives', { do: 'parties.appoint' }],
        ['a veto that not every key has', { do: 'parties.cancelRecovery', sign: 'identity' }],
        ['a place to sign that nobody knows', { do: 'records.issue', sign: 'office' }],
        ['no place to sign', { do: 'records.issue', sign: null }],
      ] as const
    ).map(([name, rest]): [string, JsonObject] => [
      name,
      part('transitions', { x: { label: { en: 'X' }, by: ['anybody'], ...rest } }),
    ]),
    ['a role of both kinds', part('roles', { r: { anyone: true, offices: ['a'], post: 'p' } })],
    ['a role without a post', part('roles', { r: { offices: ['a'] } })],
    ['a role without offices', part('roles', { r: { offices: [], post: 'p' } })],
    ['a field twice', part('fields', [...(valid.fields as JsonObject[]), (valid.fields as JsonObject[])[0]!])],
    ['a field that looks like another', part('fields', [{ name: 'p\u0430rcel', label: { en: 'x' }, show: 'public' }])],
    ['a field with an unknown showing', part('fields', [{ name: 'x', label: { en: 'x' }, show: 'secret' }])],
    ['a text in no language', part('title', {})],
    ['a text that says nothing', part('title', { en: '' })],
    ['a text that turns what stands after it', part('title', { en: 'Land \u202eeltit' })],
    ['a text with a line break', part('title', { en: 'Land\ntitle' })],
    ['a text that is too long', part('title', { en: 'x'.repeat(201) })],
    ['a language that is a prototype’s name', part('title', { constructor: 'x' })],
  ]
  for (const [name, json] of bad) assert.throws(() => decode(json), VerifyError, name)
  for (const text of ['[]', 'null', '{"service":"a@1"} ', '{"__proto__":{}}'])
    assert.throws(() => decodeService(encodeUtf8(text)), VerifyError, text)
  assert.throws(() => decodeService(new Uint8Array(48 * 1024 + 1)), { code: 'oversized' })
})

test('changed bytes, noise and any JSON in any place are refused, or are a service in its one spelling', () => {
  const bytes = encodeCanonicalJson(valid)
  const read = (given: Uint8Array): void => {
    const service = readOrRefused(() => decodeService(given))
    if (!service) return
    const json = parseJson(new TextDecoder().decode(given)) as JsonObject
    assert.equal(formatHex(encodeCanonicalJson(json)), formatHex(given))
    for (const transition of Object.values(service.transitions))
      for (const role of transition.by) assert.ok(Object.hasOwn(service.roles, role))
  }
  fc.assert(
    fc.property(changes, list => read(changeBytes(bytes, list))),
    { numRuns: 3000 },
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), read))
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(valid)),
      fc.jsonValue({ noUnicodeString: false } as object),
      (name, value) => {
        const encoded = readOrRefused(() => encodeCanonicalJson(part(name, JSON.parse(JSON.stringify(value)))))
        if (encoded) read(encoded)
      },
    ),
    { numRuns: 1000 },
  )
})

test('a text is given in the language asked for, and never taken from a prototype', () => {
  const text = { ar: 'سند', fr: 'Titre' }
  assert.equal(localize(text, 'ar-SA'), 'سند')
  assert.equal(localize(text, 'de'), 'سند')
  for (const name of ['constructor', '__proto__', 'toString']) assert.equal(typeof localize(text, name), 'string')
})
