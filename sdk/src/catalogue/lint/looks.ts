// Rules of looks: what an official is given to see, he sees on record, and the citizen can list it (docs/protocol/private.md).

import { isOfficeRole } from '../service.ts'
import { error, type Linted, type LintFinding, type LintRule } from './finding.ts'

export const lookRules: readonly LintRule[] = [unlookedRule, lookRule]

/** Nobody of an office is given the opening of a field but by a look. */
function unlookedRule({ procedure: { service, facts } }: Linted): readonly LintFinding[] {
  const looks = Object.values(service.looks)
  return service.fields.flatMap(({ name, show }, at) => {
    const to = show === 'public' ? [] : (facts[name]?.to ?? [])
    const officials = to.filter(role => isOfficeRole(service.roles[role]))
    const unseen = officials.filter(role => !looks.some(({ by, fields }) => by === role && fields.includes(name)))
    return unseen.map(role =>
      error(
        'field-unlooked',
        `fields.${at}.to`,
        `${role} would be shown ${name} without a trace: add a look by ${role} with ${name} among its fields, in "looks", or take ${role} out.`,
      ),
    )
  })
}

function lookRule({ procedure: { service, facts } }: Linted): readonly LintFinding[] {
  return Object.entries(service.looks).flatMap(([name, { by, fields, reasons }]) => {
    const place = `looks.${name}`
    const findings: LintFinding[] = []
    if (!isOfficeRole(service.roles[by]))
      findings.push(
        error(
          'look-by',
          `${place}.by`,
          `${by} is no official, and looks at what is his without a look: name an office's role.`,
        ),
      )
    if (reasons.length === 0)
      findings.push(error('look-reason', place, `${name} is taken without a reason: list the codes, in "reasons".`))
    for (const field of fields) {
      const fact = Object.hasOwn(facts, field) ? facts[field] : undefined
      if (!fact || fact.show === 'public')
        findings.push(
          error(
            'look-field',
            `${place}.fields`,
            `${name} opens ${field}, which is ${fact ? 'public anyway' : 'no field of the file'}: name committed or sealed ones.`,
          ),
        )
      else if (!fact.to.includes(by))
        findings.push(
          error(
            'look-to',
            `${place}.fields`,
            `${name} opens ${field}, which is not for ${by}: add ${by} to its "to", or take it out.`,
          ),
        )
    }
    return findings
  })
}
