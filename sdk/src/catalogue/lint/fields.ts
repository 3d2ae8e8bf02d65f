// Rules of fields: what each declares, what never stands in public, what is never even a commitment, and what nobody is asked twice.

import { isObject, type JsonObject } from '../../json.ts'
import type { Fact } from '../procedure.ts'
import { error, type Linted, type LintFinding, type LintRule, stepsOf } from './finding.ts'
import { openings } from './paths.ts'

export const fieldRules: readonly LintRule[] = [
  declaredRule,
  neverPublicRule,
  neverTiedRule,
  heldRule,
  takenRule,
  eventRule,
  uniqueRule,
]

/** Words of a field's name, `homeAddress`: home, address. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([A-Z])/g, ' $1')
    .toLowerCase()
    .split(/[\s_]+/)
}

/** Never in public, neither clear nor hashed (services.md, 10): what it would be, and the words by which a field tells. */
const neverPublic: Readonly<Record<string, readonly string[]>> = {
  'a photograph': ['photo', 'photograph', 'picture', 'portrait', 'image', 'face'],
  'a document': ['document', 'scan', 'text', 'letter', 'deed'],
  'what an official writes freely': ['note', 'notes', 'remark', 'remarks', 'comment', 'comments', 'description'],
  'a name': [
    'name',
    'surname',
    'forename',
    'holder',
    'owner',
    'child',
    'parents',
    'mother',
    'father',
    'heir',
    'heirs',
    'person',
    'voter',
  ],
  'a national number': ['national', 'nin', 'ssn', 'identity'],
  'an address': ['address', 'street', 'home', 'residence'],
  'contact data': ['phone', 'telephone', 'mobile', 'mail', 'email'],
  'a meter reading': ['meter', 'reading', 'readings', 'consumption'],
  'a date of birth': ['birthday', 'born', 'birth', 'birthdate'],
  'a price between private parties': ['price', 'rent', 'salary', 'income', 'wage'],
  'a network address': ['ip', 'host'],
  'a benefit': ['benefit', 'benefits', 'allowance', 'pension'],
  'a mark': ['mark', 'marks', 'grade', 'grades'],
}

/** Never even as a commitment that can be tied to somebody. */
const neverTied: Readonly<Record<string, readonly string[]>> = {
  biometrics: ['biometric', 'biometrics', 'fingerprint', 'iris', 'dna'],
  health: ['health', 'diagnosis', 'disease', 'disability', 'medical', 'blood', 'cause'],
  'criminal data': ['crime', 'criminal', 'conviction', 'convictions', 'sentence', 'charge', 'charges'],
  'data of victims': ['victim', 'victims'],
  'a protected address': ['protected', 'shelter', 'hideout'],
  'a voting credential': ['credential', 'ballot', 'vote'],
  'who looked something up': ['lookup', 'lookups', 'viewer'],
}

function kindOf(name: string, kinds: typeof neverPublic): string | undefined {
  const words = wordsOf(name)
  return Object.entries(kinds).find(([, known]) => known.some(word => words.includes(word)))?.[0]
}

function factsOf({ procedure, json }: Linted): readonly { fact: Fact; field: JsonObject; place: string }[] {
  const list = Array.isArray(json.fields) ? json.fields.filter(isObject) : []
  return list.map((field, at) => ({ fact: procedure.facts[String(field.name)]!, field, place: `fields.${at}` }))
}

function declaredRule(linted: Linted): readonly LintFinding[] {
  return factsOf(linted).flatMap(({ fact: { name, show, to }, field, place }) => {
    const findings: LintFinding[] = []
    if (field.type === undefined)
      findings.push(
        error('field-type', place, `Say what ${name} is, in "type": text, code, integer, date, id or hash.`),
      )
    if (show === 'public') return findings
    if (to.length === 0)
      findings.push(error('field-to', place, `Say who is given what opens ${name}, in "to": roles of the file.`))
    if (field.keep === undefined)
      findings.push(
        error('field-keep', place, `Say how long what opens ${name} is kept, in "keep": P3650D, or always.`),
      )
    return findings
  })
}

function neverPublicRule(linted: Linted): readonly LintFinding[] {
  return factsOf(linted).flatMap(({ fact, place }) => {
    const kind = fact.show === 'public' ? kindOf(fact.name, { ...neverPublic, ...neverTied }) : undefined
    if (kind === undefined) return []
    const sentence = `${fact.name} looks like ${kind}, which is never public, not as a hash either: make it committed or sealed.`
    return [error('never-public', `${place}.show`, sentence)]
  })
}

function neverTiedRule(linted: Linted): readonly LintFinding[] {
  if (linted.json.existence === 'private') return []
  return factsOf(linted).flatMap(({ fact, place }) => {
    const kind = fact.show === 'public' ? undefined : kindOf(fact.name, neverTied)
    if (kind === undefined) return []
    const sentence = `${fact.name} looks like ${kind}: not even a commitment to it may be tied to somebody. Leave it with the agency, or make the case one that nobody knows of, "existence: private".`
    return [error('never-tied', place, sentence)]
  })
}

/** What a state holds it does not ask for again. */
function heldRule(linted: Linted): readonly LintFinding[] {
  return factsOf(linted).flatMap(({ fact, place }) => {
    if (fact.held !== '') return []
    for (const other of linted.others.values()) {
      const theirs = other.facts[fact.name]
      const isSame = theirs?.held === '' && theirs.type === fact.type && theirs.codes.join('|') === fact.codes.join('|')
      if (!isSame) continue
      const sentence = `${other.service.id} holds ${fact.name} already: take it from there by "needs", or say in "held" why it is another.`
      return [error('held-already', place, sentence)]
    }
    return []
  })
}

/** A field that no step brings stands for nothing. */
function takenRule(linted: Linted): readonly LintFinding[] {
  const steps = stepsOf(linted).map(([, step]) => step)
  const takesCommitted = steps.some(step => step.takes.includes('committed'))
  const issues = steps.some(step =>
    step.effects.some(({ do: effect }) => effect === 'records.issue' || effect === 'records.replace'),
  )
  return factsOf(linted).flatMap(({ fact: { name, show }, place }) => {
    const isBrought = show === 'public' ? steps.some(step => step.asks.includes(name)) : takesCommitted || issues
    if (isBrought) return []
    const mend = show === 'public' ? '"asks"' : '"takes: [committed]"'
    return [error('field-unasked', place, `No step brings ${name}: name it in the ${mend} of one, or take it out.`)]
  })
}

/** Nothing is entered as having happened on any day one likes: the day lies behind, and what is late is refused or takes more. */
function eventRule(linted: Linted): readonly LintFinding[] {
  return stepsOf(linted).flatMap(([name, { takes, guards }]) => {
    const isAsked = guards.some(({ expression }) => /\bevent\b/.test(expression.guard.text))
    if (!takes.includes('event') || isAsked) return []
    const sentence = `By ${name} a day is entered that may lie in the future, or years ago: add a guard, as "event <= now && now - event <= days(30)".`
    return [error('event-open', `transitions.${name}.takes`, sentence)]
  })
}

/** A case that is opened twice is found: every opening has a tag, and all of them a common one. */
function uniqueRule({ procedure, json }: Linted): readonly LintFinding[] {
  // The catalogue itself refuses a second file of one name.
  const isCatalogue = Object.values(procedure.steps).some(step =>
    step.effects.some(({ do: effect }) => effect === 'catalogue.activate'),
  )
  if (json.existence === 'private' || isCatalogue) return []
  const all = openings(procedure)
  const without = all.filter(({ step }) => step.unique.length === 0)
  const none = without.map(({ name }) =>
    error(
      'no-unique',
      `transitions.${name}`,
      `The same case could be opened twice by ${name}: name a tag over what makes it one, in "unique".`,
    ),
  )
  const [first, ...others] = all
  const apart = others.filter(({ step }) => !step.unique.some(tag => first!.step.unique.includes(tag)))
  if (none.length > 0) return none
  return apart.map(({ name }) =>
    error(
      'unique-apart',
      `transitions.${name}.unique`,
      `${name} and ${first!.name} open cases under different tags, so one case could be opened by each: give them a common one.`,
    ),
  )
}
