// Words that documents of registers have in common, which their short forms point back to instead of spelling them out. Frozen:
// another list is another version of the short form. What is likeliest stands last, where pointing is cheapest.

import { encodeUtf8 } from '../bytes.ts'

const words =
  'conditions remarks reference decision authority department ministry agency court regional national central public ' +
  'certificate permit passport identity diploma degree university school vehicle company association partnership limited ' +
  'insurance mortgage easement encumbrance servitude right of way usufruct lien bank loan price currency EURUSD tax rate ' +
  'residential commercial agricultural industrial detached house apartment building floor room garden field forest road street ' +
  'avenue square village town city country province region county district municipality registered registration issued expires ' +
  'valid until from signed witness notary public deed volume sheet page entry purpose activity business licence licensee ' +
  'subject statement declaration place birth death marriage spouse father mother parent child family given first last middle ' +
  'name person citizen resident nationality sex date year month day JanuaryFebruaryMarchAprilJuneJulyAugustSeptember' +
  'OctoberNovemberDecember postcode address number Number code category class kind type use status share owner acquired ' +
  'holder area parcel district municipality street building purpose title register registry office 00123456789' +
  '1/11/219992024-0-2025-2026-01-12-2027-' +
  'urn:example:urn:gov:urn:muniment:-1:account:office:civil-registrycompany-registerland-registryland-title'

export const dictionary: Uint8Array = encodeUtf8(words)
