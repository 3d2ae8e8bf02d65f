// The state that a genesis file's app_state describes: offices, the first mandates, and the catalogue.

import {
  type AccountKey,
  accountId,
  admitService,
  chainEntry,
  chainKey,
  check,
  checkKey,
  checkMembers,
  decodeUtf8,
  encodeCanonicalJson,
  type Hasher,
  isObject,
  isSigningOrigin,
  type Json,
  type JsonObject,
  limits,
  mandateId,
  parseBase64Url,
  parseJson,
  serviceKey,
  textMember,
  typeHash,
  validatorsEntry,
  validatorsKey,
} from '@muniment/sdk'
import type { Write } from '../storage/database.ts'
import type { BlockContext } from './kernel.ts'
import { firstKey, localizedTexts, newAccount, officePattern, postPattern } from './parties.ts'
import { joinRoster } from './roster.ts'
import {
  createState,
  getAccount,
  getMandate,
  getOffice,
  putAccount,
  putIdentityOrigins,
  putMandate,
  putOffice,
  type State,
} from './state.ts'

const testChainPrefix = 'test-'

/**
 * `appState`: `{offices: [{office, names, parent?, types}], mandates: [{office, post, algorithm, key}], services: […], identityOrigins?, manual_clock?}`,
 * keys in base64url. Its keys sign weighty acts: whoever began the ledger vouches for where they are kept. Throws VerifyError for a file that is not sound.
 */
export function genesisWrites(appState: Uint8Array, block: BlockContext, hasher: Hasher): readonly Write[] {
  const state = createState({ get: () => undefined }, hasher)
  const json = parseJson(decodeUtf8(appState), limits.genesisMembersMax)
  check(isObject(json), 'malformed', 'app_state must be an object')
  checkMembers(json, ['offices', 'mandates', 'services', 'identityOrigins', 'manual_clock'])
  const { chainId, genesisHash, height } = block
  const { manual_clock: isManual = false } = json
  // The name tells everyone who sees a verdict; nothing can change it later.
  const isTest = isManual === false || (isManual === true && chainId.startsWith(testChainPrefix))
  check(isTest, 'malformed', `manual_clock is for chains whose id begins with ${testChainPrefix}`)
  state.put(chainKey(hasher), chainEntry.encode({ chainId, genesisHash, initialHeight: height }))
  const validators = (block.validators ?? []).map(({ publicKey, power }) => ({ publicKey, power }))
  if (validators.length > 0) state.put(validatorsKey(hasher), validatorsEntry.encode({ members: validators }))
  if (json.identityOrigins !== undefined) putIdentityOrigins(state, readOrigins(json.identityOrigins))
  for (const office of list(json, 'offices')) putGenesisOffice(state, office, block)
  for (const mandate of list(json, 'mandates')) putGenesisMandate(state, mandate, block)
  for (const service of list(json, 'services')) {
    const bytes = encodeCanonicalJson(service)
    const { id } = admitService(bytes)
    check(!state.get(serviceKey(hasher, id)), 'malformed', `the service ${id} stands twice`)
    state.put(serviceKey(hasher, id), bytes)
  }
  return state.writes()
}

/** The id of a mandate of the genesis file. */
export function genesisMandateId(
  hasher: Hasher,
  given: { office: string; key: AccountKey; genesisHash: Uint8Array },
): Uint8Array {
  return mandateId(hasher, given.office, accountId(hasher, given.key), given.genesisHash)
}

function putGenesisOffice(state: State, json: JsonObject, block: BlockContext): void {
  checkMembers(json, ['office', 'names', 'parent', 'types'])
  const office = textMember(json, 'office')
  check(officePattern.test(office), 'malformed', 'not an office’s id', { actual: office })
  check(!getOffice(state, office), 'malformed', `the office ${office} stands twice`)
  const parent = json.parent === undefined ? '' : textMember(json, 'parent')
  check(parent === '' || getOffice(state, parent), 'malformed', `the parent of ${office} must stand before it`)
  const types = json.types ?? []
  check(Array.isArray(types), 'malformed', 'types must be a list')
  putOffice(state, office, {
    names: localizedTexts(json.names),
    parent,
    types: types.map(type => {
      check(typeof type === 'string', 'malformed', 'a type is a text')
      return { type: typeHash(state.hasher, type), fromHeight: block.height, endedHeight: 0n }
    }),
    createdHeight: block.height,
    endedHeight: 0n,
  })
}

function putGenesisMandate(state: State, json: JsonObject, block: BlockContext): void {
  checkMembers(json, ['office', 'post', 'algorithm', 'key'])
  const office = textMember(json, 'office')
  const role = textMember(json, 'post')
  check(getOffice(state, office), 'malformed', `there is no office ${office}`)
  check(postPattern.test(role), 'malformed', 'not a post', { actual: role })
  const algorithm = json.algorithm
  check(typeof algorithm === 'number', 'malformed', 'a key has an algorithm')
  const key: AccountKey = { algorithm, bytes: parseBase64Url(textMember(json, 'key')) }
  checkKey(key)
  const account = accountId(state.hasher, key)
  const held = { ...firstKey(key, block.height, undefined), isIdentity: true }
  if (!getAccount(state, account)) putAccount(state, account, newAccount(held))
  const id = genesisMandateId(state.hasher, { office, key, genesisHash: block.genesisHash })
  check(!getMandate(state, id), 'malformed', 'a person has one post in an office of the genesis file')
  putMandate(state, id, { office, account, role, fromHeight: block.height, untilHeight: 0n })
  joinRoster(state, { office, post: role }, { mandate: id, height: block.height })
}

function readOrigins(json: Json): readonly string[] {
  const isList = Array.isArray(json) && json.length >= 1 && json.length <= limits.identityOriginsMax
  check(isList && new Set(json).size === json.length, 'malformed', 'identityOrigins is a list of pages')
  return json.map(origin => {
    check(typeof origin === 'string' && isSigningOrigin(origin), 'malformed', 'not an origin that may sign')
    return origin
  })
}

function list(json: JsonObject, name: string): readonly JsonObject[] {
  const items: Json = json[name] ?? []
  check(Array.isArray(items), 'malformed', `${name} must be a list`)
  return items.map(item => {
    check(isObject(item), 'malformed', `${name} holds objects`)
    return item
  })
}
