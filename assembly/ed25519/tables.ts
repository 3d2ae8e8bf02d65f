// Tables of multiples of points as affine Niels points, which are the cheapest to add.

import { addReduced, copy, elementBytes, laneBytes, multiply, scatter, subtractReduced, twiceD } from './field'
import { invert } from './invert'
import { nielsBytes, pairPointBytes, points, tablePoints, tablePointsMax, tableProducts, tableTargets } from './memory'
import { addNiels, addPoint, copyPoint, doublePoint, setNeutral } from './point'

const step = points
const inverse: usize = memory.data(elementBytes, 16)
const ownInverse: usize = memory.data(elementBytes, 16)
const x: usize = memory.data(elementBytes, 16)
const y: usize = memory.data(elementBytes, 16)
const sum: usize = memory.data(elementBytes, 16)

/**
 * Writes P, 3P, 5P ... as Niels points to each of `count` tables, the P of table i being the Niels point at sources[i];
 * both lists hold pointers (u32). Two tables are made at once.
 */
export function buildOddMultiples(sources: usize, tables: usize, count: u32, multiples: usize): void {
  let used: usize = 0
  for (let i: usize = 0; i < count; i += 2) {
    const next = min<usize>(i + 1, count - 1)
    const table0 = <usize>load<u32>(tables + 4 * i)
    const table1 = <usize>load<u32>(tables + 4 * next)
    const first = tablePoints + used * pairPointBytes
    setNeutral(first)
    addNiels(first, load<u32>(sources + 4 * i), 0, load<u32>(sources + 4 * next), 0)
    copyPoint(step, first)
    doublePoint(step, 1)
    for (let j: usize = 0; j < multiples; j++) {
      const point = first + j * pairPointBytes
      if (j > 0) {
        copyPoint(point, point - pairPointBytes)
        addPoint(point, step)
      }
      setTarget(used + j, table0 + j * nielsBytes, table1 + j * nielsBytes)
    }
    used += multiples
    if (used + multiples > <usize>tablePointsMax) {
      makeAffine(used)
      used = 0
    }
  }
  makeAffine(used)
}

/** Where the two lanes of point `index` in `tablePoints` go. */
export function setTarget(index: usize, lane0: usize, lane1: usize): void {
  store<u32>(tableTargets + 8 * index, <u32>lane0)
  store<u32>(tableTargets + 8 * index, <u32>lane1, 4)
}

/**
 * Makes the first `count` points of `tablePoints` affine and writes them to their targets. One inversion serves all
 * (Montgomery, "Speeding the Pollard and elliptic curve methods", 10.3.1): products of all Z up to each, then back.
 */
export function makeAffine(count: usize): void {
  if (count === 0) return
  copy(tableProducts, tablePoints + 2 * elementBytes, 1)
  for (let i: usize = 1; i < count; i++) {
    const product = tableProducts + i * elementBytes
    multiply(product, product - elementBytes, tablePoints + i * pairPointBytes + 2 * elementBytes)
  }
  invert(inverse, tableProducts + (count - 1) * elementBytes)
  for (let i = count - 1; i > 0; i--) {
    const point = tablePoints + i * pairPointBytes
    multiply(ownInverse, inverse, tableProducts + (i - 1) * elementBytes)
    multiply(inverse, inverse, point + 2 * elementBytes)
    writeNiels(i, point, ownInverse)
  }
  writeNiels(0, tablePoints, inverse)
}

function writeNiels(index: usize, point: usize, inverseZ: usize): void {
  const lane0 = <usize>load<u32>(tableTargets + 8 * index)
  const lane1 = <usize>load<u32>(tableTargets + 8 * index, 4)
  multiply(x, point, inverseZ)
  multiply(y, point + elementBytes, inverseZ)
  addReduced(sum, y, x)
  scatter(lane0, lane1, sum, 1)
  subtractReduced(sum, y, x)
  scatter(lane0 + laneBytes, lane1 + laneBytes, sum, 1)
  multiply(sum, x, y)
  multiply(sum, sum, twiceD)
  scatter(lane0 + 2 * laneBytes, lane1 + 2 * laneBytes, sum, 1)
}
