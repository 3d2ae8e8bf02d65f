// A small country for tests of the ledger: two offices of its own, one of another state, and who acts for them.

import { fileURLToPath } from 'node:url'
import { encodeUtf8, formatBase64Url, type JsonObject, loadCrypto } from '@muniment/sdk'
import { readCatalogue } from '../catalogue.ts'
import { type Act, mandateJson, type Person, person, type TestLedger } from './test-ledger.ts'

const crypto = await loadCrypto()

export const founderA: Person = person('fa')
export const founderB: Person = person('fb')
export const registrarA: Person = person('ra')
export const registrarB: Person = person('rb')
export const citizen: Person = person('c')
/** Has no account yet. */
export const stranger: Person = person('s')
export const people: readonly Person[] = [founderA, founderB, registrarA, registrarB, citizen, stranger]

/** Services without cases; those with cases tell stories of their own (scenario/). */
const services: readonly JsonObject[] = readCatalogue(
  fileURLToPath(new URL('../../../services', import.meta.url)),
).filter(each => each.states === undefined)

export const appState: JsonObject & { readonly services: readonly JsonObject[] } = {
  offices: [
    { office: 'cabinet', names: { en: 'Cabinet' } },
    { office: 'land-registry', names: { en: 'Land Registry' }, parent: 'cabinet', types: ['urn:example:land-title'] },
    { office: 'foreign', names: { en: 'Another state’s office' } },
  ],
  mandates: [
    mandateJson('cabinet', 'founder', founderA),
    mandateJson('cabinet', 'founder', founderB),
    mandateJson('land-registry', 'registrar', registrarA),
    mandateJson('land-registry', 'registrar', registrarB),
  ],
  services,
  identityOrigins: ['https://id.example'],
}
export const commitment = (name: string): string => formatBase64Url(crypto.sha256(encodeUtf8(name)))

export const registrar = (ledger: TestLedger, holder: Person = registrarA): Act['signers'][0] => ({
  person: holder,
  role: 'registrar',
  mandate: ledger.mandateOf('land-registry', holder),
})
export const founders = (ledger: TestLedger): Act['signers'] =>
  [founderA, founderB].map(holder => ({
    person: holder,
    role: 'founder',
    mandate: ledger.mandateOf('cabinet', holder),
  }))
