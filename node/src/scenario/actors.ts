// Who acts in a story: the holder of a post by what the story calls him, or somebody of this story alone.

import { type CaseEntry, equals, formatBase64Url, isOfficeRole, type Procedure, VerifyError } from '@muniment/sdk'
import { genesisMandateId } from '../ledger/genesis.ts'
import { holdersPerPost, officialOf, type Person, passkeyOf, personOf } from './country.ts'
import type { Stage } from './play.ts'
import type { ScenarioActor } from './submit.ts'

/** `salt` makes its people different from those of another story. */
type Cast = { readonly stage: Stage; readonly salt: string }

/** `officer`, `officer/2`, `officer@office/2`, `officer/everywhere`, `reviewer/assigned`, `reviewer/other`, `reviewer/free` (nor took a step before), `citizen=ann`. */
export function actorOf(
  play: Cast,
  procedure: Procedure,
  { name, entry }: { readonly name: string; readonly entry: CaseEntry | undefined },
): ScenarioActor {
  const { hasher, genesisHash } = play.stage
  const [, role = '', office, which = '1'] = /^([A-Za-z0-9]+)(?:@([a-z0-9.-]+))?(?:\/(\w+))?$/.exec(name) ?? []
  const [party = '', person] = name.split('=')
  if (person !== undefined) return { person: partyOf(play, procedure, { role: party, name: person }), role: party }
  const held = procedure.service.roles[role]
  if (!isOfficeRole(held)) throw new VerifyError('malformed', `${name}: an office role, or role=name`)
  const all = (office === undefined ? held.offices : [office]).flatMap(each =>
    Array.from({ length: holdersPerPost + 1 }, (_, place) => {
      const found = officialOf(hasher, { office: each, post: held.post, place: place + 1 })
      const mandate = genesisMandateId(hasher, { office: each, key: found.signer.key, genesisHash })
      return { person: found, role, office: each, mandate }
    }),
  )
  const assigned = entry?.assignments.find(each => each.role === role)
  const isAssigned = (each: (typeof all)[number]): boolean =>
    assigned !== undefined && formatBase64Url(each.mandate) === formatBase64Url(assigned.mandate)
  const hasActed = (each: (typeof all)[number]): boolean =>
    entry?.acts.some(({ accounts }) => accounts.some(account => equals(account, each.person.account))) === true
  const found =
    which === 'assigned'
      ? all.find(isAssigned)
      : which === 'other'
        ? all.find(each => !isAssigned(each))
        : which === 'free'
          ? all.find(each => !isAssigned(each) && !hasActed(each))
          : all[which === 'everywhere' ? holdersPerPost : Number(which) - 1]
  if (!found) throw new VerifyError('malformed', `${name}: nobody is that`)
  return found
}

/** Who signs what weighs in this service has a passkey for it. */
export function partyOf(
  play: Cast,
  { service }: Procedure,
  { role, name }: { role: string; name: string },
): ScenarioActor['person'] {
  const weighs = Object.values(service.transitions).some(({ sign, by }) => sign === 'identity' && by.includes(role))
  return weighs ? passkeyOf(play.stage.hasher, `${play.salt} ${name}`) : namedPerson(play, name)
}

/** `ann`, somebody of this scenario; `@hospital/doctor/1`, the holder of a post as a private person. */
function namedPerson({ stage, salt }: Cast, name: string): Person {
  if (!name.startsWith('@')) return personOf(stage.hasher, `${salt} ${name}`)
  const [office = '', post = '', place = '1'] = name.slice(1).split('/')
  return officialOf(stage.hasher, { office, post, place: Number(place) })
}
