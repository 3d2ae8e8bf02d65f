// The part of field.ts that moves elements, and lanes of them, between places, and to and from bytes.

/** Elements are moved by these alone, so that a checked build can move their units with them. */
export function copies({ limbs }, checked) {
  const note = (...lines) => (checked ? lines : [])
  const lanes = Array.from({ length: limbs }, (_, i) => i)
  const text = (head, ...lines) => `export function ${head}: void {\n${lines.map(line => `  ${line}`).join('\n')}\n}`
  const perElement = (unit, lines) => [
    'for (; count > 0; count--) {',
    ...[...note(...unit), ...lines].map(line => `  ${line}`),
    '}',
  ]
  return [
    text(
      'copy(out: usize, a: usize, count: u32)',
      ...perElement(
        ['noteLaneUnits(out, laneUnitsOf(a))', 'noteLaneUnits(out + 8, laneUnitsOf(a + 8))'],
        [
          ...lanes.map(i => `v128.store(out, v128.load(a, ${16 * i}), ${16 * i})`),
          'out += elementBytes',
          'a += elementBytes',
        ],
      ),
    ),
    // From two places of one lane each to the two lanes here, and back.
    text(
      'gather(out: usize, lane0: usize, lane1: usize, count: u32)',
      ...perElement(
        ['noteLaneUnits(out, laneUnitsOf(lane0))', 'noteLaneUnits(out + 8, laneUnitsOf(lane1))'],
        [
          ...lanes.map(
            i => `v128.store(out, v128.load64_lane(lane1, v128.load64_zero(lane0, ${8 * i}), 1, ${8 * i}), ${16 * i})`,
          ),
          'out += elementBytes',
          'lane0 += laneBytes',
          'lane1 += laneBytes',
        ],
      ),
    ),
    text(
      'scatter(lane0: usize, lane1: usize, a: usize, count: u32)',
      ...perElement(
        ['noteLaneUnits(lane0, laneUnitsOf(a))', 'noteLaneUnits(lane1, laneUnitsOf(a + 8))'],
        [
          ...lanes.flatMap(i => [
            `v128.store64_lane(lane0, v128.load(a, ${16 * i}), 0, ${8 * i})`,
            `v128.store64_lane(lane1, v128.load(a, ${16 * i}), 1, ${8 * i})`,
          ]),
          'lane0 += laneBytes',
          'lane1 += laneBytes',
          'a += elementBytes',
        ],
      ),
    ),
    // One lane; out and a point to the lane itself, 8 bytes in for the second.
    text(
      'copyLane(out: usize, a: usize)',
      ...note('noteLaneUnits(out, laneUnitsOf(a))'),
      ...lanes.map(i => `store<u64>(out, load<u64>(a, ${16 * i}), ${16 * i})`),
    ),
    text('negateLane(a: usize)', ...lanes.map(i => `store<f64>(a, -load<f64>(a, ${16 * i}), ${16 * i})`)),
    // A lane that stands alone, limb by limb: zero or one.
    text(
      'setLane(lane: usize, value: f64)',
      ...note('noteLaneUnits(lane, 1)'),
      'store<f64>(lane, value)',
      ...lanes.slice(1).map(i => `store<f64>(lane, 0, ${8 * i})`),
    ),
  ]
}

/** 255 bits to a lane, whatever they are; the sign bit is left out (RFC 8032, 5.1.3, asks less than p; ZIP-215 does not). */
export function bytesToElement({ limbs, weights, inPlace }, checked) {
  const lines = []
  for (let i = 0; i < limbs; i++) {
    const start = weights[i]
    const width = weights[i + 1] - start
    const [first, shift] = [start >> 6, start & 63]
    const spills = shift + width > 64
    const high = spills ? ` | (word${first + 1} << ${64 - shift})` : ''
    const bits = `((word${first} >> ${shift})${high}) & 0x${((1n << BigInt(width)) - 1n).toString(16)}`
    const scale = inPlace && start > 0 ? ` * ${hexFloat(2 ** start)}` : ''
    lines.push(`  store<f64>(lane, <f64><i64>(${bits})${scale}, ${16 * i})`)
  }
  const words = Array.from({ length: 4 }, (_, i) => `  const word${i} = load<u64>(bytes, ${8 * i})`)
  const note = checked ? '  noteLaneUnits(lane, 2)\n' : ''
  return `export function setLaneFromBytes(lane: usize, bytes: usize): void {\n${note}${[...words, ...lines].join('\n')}\n}`
}

/** The lane's number from 0 to p - 1, as 32 little-endian bytes. */
export function elementToBytes({ limbs, weights, inPlace, name }, checked) {
  const width = i => weights[i + 1] - weights[i]
  const mask = i => `0x${((1n << BigInt(width(i))) - 1n).toString(16)}`
  const most = name === 'fused' ? 1 : 4
  const lines = checked ? [`if (laneUnitsOf(lane) === 0 || laneUnitsOf(lane) > ${most}) unreachable()`] : []
  for (let i = 0; i < limbs; i++) {
    const scale = inPlace && i > 0 ? ` * ${hexFloat(2 ** -weights[i])}` : ''
    // 4p, limb by limb, makes all of them positive.
    const offset = (1n << BigInt(width(i) + 2)) - (i === 0 ? 76n : 4n)
    const bias = 0x4338000000000000n - offset
    lines.push(
      `let h${i}: u64 = reinterpret<u64>(load<f64>(lane, ${16 * i})${scale} + 6755399441055744.0) - 0x${bias.toString(16)}`,
    )
  }
  const carry = i =>
    i + 1 < limbs
      ? `h${i + 1} += h${i} >> ${width(i)}; h${i} &= ${mask(i)}`
      : `h0 += 19 * (h${i} >> ${width(i)}); h${i} &= ${mask(i)}`
  for (let pass = 0; pass < 2; pass++) for (let i = 0; i < limbs; i++) lines.push(carry(i))
  // Now below 2^255. One more p is taken away where the number is p or more: where adding 19 carries out of bit 255.
  lines.push(`let over: u64 = (h0 + 19) >> ${width(0)}`)
  for (let i = 1; i < limbs; i++) lines.push(`over = (h${i} + over) >> ${width(i)}`)
  lines.push('h0 += 19 * over')
  for (let i = 0; i + 1 < limbs; i++) lines.push(carry(i))
  lines.push(`h${limbs - 1} &= ${mask(limbs - 1)}`)
  for (let word = 0; word < 4; word++) {
    const parts = []
    for (let i = 0; i < limbs; i++) {
      const shift = weights[i] - 64 * word
      if (shift >= 0 && shift < 64) parts.push(shift === 0 ? `h${i}` : `(h${i} << ${shift})`)
      else if (shift < 0 && shift + width(i) > 0) parts.push(`(h${i} >> ${-shift})`)
    }
    lines.push(`store<u64>(bytes, ${parts.join(' | ')}, ${8 * word})`)
  }
  return `export function storeLane(bytes: usize, lane: usize): void {\n${lines.map(line => `  ${line}`).join('\n')}\n}`
}

/** A power of two that the compiler reads without rounding. */
function hexFloat(value) {
  return value.toExponential()
}
