// The checked build of the field, which carries along how large the limbs of every element may be: it stops exactly where an
// operation is given more than it takes, and what it notes of a result is what the result may have. On this rests what
// engine-checked.test.ts shows of the whole engine.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { representations } from '../engine-build.ts'
import { extremeLanes, openField } from '../field-machine.ts'
import { allChoices, operationsOf, placesOf, reducedUnits } from '../field-operations.ts'

// All are compiled before a test begins: a run may end when the tests that it knows of are done.
const fields = await Promise.all(
  representations.map(async each => ({ ...each, field: await openField(each.representation, { checked: true }) })),
)

for (const { representation, field } of fields) {
  const { at, exports } = field
  const note = (offset: number, units: number): void => void exports.note!(at(offset), units)
  const noted = (offset: number): number => exports.noted!(at(offset))
  const [some] = extremeLanes(representation, 1)

  test(`${representation.name}: a checked operation stops where the units are more than it takes, and only there`, () => {
    let [taken, refused] = [0, 0]
    for (const operation of operationsOf(representation)) {
      const places = placesOf(field, operation)
      for (const units of allChoices(operation)) {
        const promised = operation.units(reducedUnits(representation), ...units)
        // Either lane may be the larger one.
        for (const larger of [0, 1]) {
          for (const [i, { lanes, stride }] of places.operands.entries()) {
            for (const [lane, offset] of lanes.entries()) {
              field.put(offset, some!, stride)
              note(offset, lane === larger ? units[i]! : 1)
            }
          }
          const run = (): void => places.run(operation.extras?.[0] ?? 0)
          if (operation.takes(representation, ...units)) {
            run()
            for (const [i, { lanes }] of places.results.entries()) {
              assert.deepEqual(lanes.map(noted), [promised[i], promised[i]], `${operation.name} of ${units}`)
            }
            taken++
          } else {
            assert.throws(run, WebAssembly.RuntimeError, `${operation.name} of ${units}`)
            refused++
          }
        }
      }
    }
    assert.ok(taken > 40 && refused > 80, `${taken} taken, ${refused} refused`)
  })

  test(`${representation.name}: what was never written is not read`, () => {
    for (const operation of operationsOf(representation)) {
      const places = placesOf(field, operation)
      const every = places.operands.flatMap(({ lanes }) => lanes)
      for (const missing of every) {
        for (const offset of every) note(offset, offset === missing ? 0 : 1)
        assert.throws(() => places.run(operation.extras?.[0] ?? 0), WebAssembly.RuntimeError, operation.name)
      }
    }
    for (const offset of [0, 8, 1024, 2048]) note(offset, 0)
    for (const run of [
      () => exports.copy!(at(4096), at(0), 1),
      () => exports.gather!(at(4096), at(0), at(1024), 1),
      () => exports.scatter!(at(4096), at(8192), at(0), 1),
      () => exports.copyLane!(at(4096), at(0)),
      () => exports.storeLane!(at(4096), at(0)),
    ]) {
      assert.throws(run, WebAssembly.RuntimeError)
    }
  })

  test(`${representation.name}: units go where elements and lanes go`, () => {
    note(0, 1)
    note(8, 2)
    exports.copy!(at(4096), at(0), 1)
    assert.deepEqual([4096, 4104].map(noted), [1, 2])
    exports.scatter!(at(6144), at(8192), at(0), 1)
    assert.deepEqual([6144, 8192].map(noted), [1, 2])
    exports.gather!(at(4096), at(8192), at(6144), 1)
    assert.deepEqual([4096, 4104].map(noted), [2, 1])
    exports.copyLane!(at(4096), at(8))
    exports.negateLane!(at(4096))
    assert.deepEqual([4096, 4104].map(noted), [2, 1])
    exports.setLane!(at(4096), 1)
    exports.setLaneFromBytes!(at(4104), at(0))
    assert.deepEqual([4096, 4104].map(noted), [1, 2])
  })

  test(`${representation.name}: no lane of more units than can be written is written`, () => {
    const most = representation.name === 'fused' ? 1 : 4
    field.put(0, some!, 16)
    for (let units = 1; units <= 5; units++) {
      note(0, units)
      const run = (): void => void exports.storeLane!(at(4096), at(0))
      if (units <= most) run()
      else assert.throws(run, WebAssembly.RuntimeError)
    }
  })
}
