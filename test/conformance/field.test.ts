// The field arithmetic of both modules against BigInt, at the largest limbs that each operation takes. Mistakes in such bounds
// pass random tests and fail on chosen inputs.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modulo, prime, type Representation, representations } from '../engine-build.ts'
import { assertWithin, extremeLanes, type FieldMachine, type Lane, numberOf, openField } from '../field-machine.ts'
import { allChoices, type Operation, operationsOf, type Places, placesOf, reducedUnits } from '../field-operations.ts'

/** Two lanes. */
type Element = readonly [Lane, Lane]

/** Operands for one call after another: every pattern of the first with every pattern of the others, which go in step. */
function* inputsOf(representation: Representation, units: readonly number[]): Generator<readonly Element[]> {
  const lanes = units.map(count => extremeLanes(representation, count))
  const patterns = lanes[0]!.length
  for (let first = 0; first < patterns; first++) {
    for (let step = 0; step < (units.length === 1 ? 1 : patterns); step++) {
      yield lanes.map((choice, i) => {
        const at = (first + i * step) % patterns
        return [choice[at]!, choice[(at + 5) % patterns]!] as const
      })
    }
  }
}

/** Runs the operation on these operands and answers its results. */
function call(field: FieldMachine, places: Places, input: { values: readonly Element[]; extra: number }): Element[] {
  for (const [i, { lanes, stride }] of places.operands.entries()) {
    for (const lane of [0, 1] as const) field.put(lanes[lane], input.values[i]![lane], stride)
  }
  places.run(input.extra)
  return places.results.map(
    ({ lanes, stride }) => [field.take(lanes[0], stride), field.take(lanes[1], stride)] as const,
  )
}

function testOperation(field: FieldMachine, operation: Operation): void {
  const { representation } = field
  const places = placesOf(field, operation)
  const taken = allChoices(operation).filter(units => operation.takes(representation, ...units))
  assert.ok(taken.length > 0)
  for (const units of taken) {
    const promised = operation.units(reducedUnits(representation), ...units)
    for (const values of inputsOf(representation, units)) {
      for (const extra of operation.extras ?? [0]) {
        const results = call(field, places, { values, extra })
        for (const lane of [0, 1] as const) {
          const numbers = values.map(value => numberOf(representation, value[lane]))
          const expected = operation.gives({ extra, lane }, ...numbers)
          for (const [i, result] of results.entries()) {
            assert.equal(numberOf(representation, result[lane]), modulo(expected[i]!, prime), `${units} units`)
            assertWithin(representation, result[lane], promised[i]!)
          }
        }
      }
    }
  }
}

// All are compiled before a test begins: a run may end when the tests that it knows of are done.
const fields = await Promise.all(
  representations.map(async each => ({ ...each, field: await openField(each.representation) })),
)

for (const { representation, skip, field } of fields) {
  for (const operation of operationsOf(representation)) {
    const name = `${representation.name}: ${operation.name} is right for the largest limbs it takes, and gives no larger ones`
    test(name, { skip }, () => testOperation(field, operation))
  }

  test(`${representation.name}: an operation may write over what it reads`, { skip }, () => {
    for (const operation of operationsOf(representation).filter(
      ({ name, apart }) => !name.startsWith('middle') && apart !== true,
    )) {
      const lanes = extremeLanes(representation, 1).slice(9, 9 + operation.operands)
      const input = { values: lanes.map(lane => [lane, lanes[0]!] as const), extra: operation.extras?.at(-1) ?? 0 }
      const apart = call(field, placesOf(field, operation), input)
      for (let i = 0; i < operation.operands; i++) {
        if (operation.lanes === true && i === operation.operands - 1) continue
        if (operation.behind === true && i > 0) continue
        assert.deepEqual(call(field, placesOf(field, operation, i), input), apart, operation.name)
      }
    }
  })
}
