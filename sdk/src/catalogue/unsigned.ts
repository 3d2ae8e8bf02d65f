// Steps that nobody signs: a clock or a link takes them, in a block that must not fail. What they would be given, nobody gives; what
// could refuse them, nobody mends. The ledger takes no file that breaks these rules, and the linter says where one does.

import type { Effect } from './effects.ts'
import type { Procedure } from './procedure.ts'
import { type CaseStep, stepGuards } from './steps.ts'

export type UnsignedFault = {
  readonly code: 'unsigned-takes' | 'unsigned-opens' | 'clock-elsewhere' | 'clock-may-stop'
  readonly place: string
  readonly sentence: string
}

/** Effects that work with what a signer brings, or on his word. */
const needsSigner: readonly Effect['do'][] = [
  'records.issue',
  'records.replace',
  'obligations.pay',
  'obligations.refund',
  'obligations.waive',
  'obligations.enforce',
  'catalogue.activate',
  'cases.shred',
]

/** In the order in which the file is read; empty for a file that is sound. */
export function unsignedFaults({ states, steps }: Pick<Procedure, 'states' | 'steps'>): readonly UnsignedFault[] {
  const faults: UnsignedFault[] = []
  for (const [name, { clock }] of Object.entries(states)) {
    const place = `states.${name}.then`
    for (const next of clock?.next ?? []) {
      if (steps[next]!.from.includes(name)) continue
      const sentence = `The clock of ${name} takes ${next}, which does not lead from ${name}: add it to the step's "from".`
      faults.push({ code: 'clock-elsewhere', place, sentence })
    }
    const last = clock?.next.at(-1)
    if (last === undefined || stepGuards(steps[last]!).length === 0) continue
    const sentence = `The last step of a clock has no condition, or the case would stay in ${name} for ever: take them from ${last}, or name a further step behind it.`
    faults.push({ code: 'clock-may-stop', place, sentence })
  }
  for (const [name, step] of Object.entries(steps)) if (step.by.length === 0) faults.push(...stepFaults(name, step))
  return faults
}

function stepFaults(name: string, step: CaseStep): readonly UnsignedFault[] {
  const place = `transitions.${name}`
  const opens: UnsignedFault[] =
    step.from.length > 0
      ? []
      : [
          {
            code: 'unsigned-opens',
            place,
            sentence: `Nobody signs ${name}, so it can open no case: say who does, in "by".`,
          },
        ]
  const given = Object.entries(givenTo(step)).flatMap(([member, isAsked]) => (isAsked ? [member] : []))
  const takes = given.map((member): UnsignedFault => {
    const sentence = `Nobody signs ${name}, so nobody brings what "${member}" asks for: take it out, or say who signs, in "by".`
    return { code: 'unsigned-takes', place: `${place}.${member}`, sentence }
  })
  const effects = step.effects.flatMap(({ do: effect }, at): readonly UnsignedFault[] => {
    if (!needsSigner.includes(effect)) return []
    const sentence = `${effect} takes somebody who signs it, and nobody signs ${name}: move it to a step with "by".`
    return [{ code: 'unsigned-takes', place: `${place}.do.${at}`, sentence }]
  })
  return [...opens, ...takes, ...effects]
}

/** Telling is among them: a fact that moves a case can't be told of further, so links never run in a circle. */
function givenTo(step: CaseStep): Readonly<Record<string, boolean>> {
  return {
    asks: step.asks.length > 0,
    takes: step.takes.length > 0,
    parties: step.parties.length > 0,
    unique: step.unique.length > 0,
    emits: step.emits.length > 0,
    listens: Object.keys(step.listens).length > 0,
    attests: step.attests !== undefined,
    needs: step.needs.length > 0,
    reasons: step.reasons.length > 0,
    persons: step.persons > 1,
    apart: step.apart,
    assigned: step.assigned,
    notBy: step.notBy.length > 0,
  }
}
