// Writes assembly/ed25519/sha512-block.ts: the compression of SHA-512 with its rounds unrolled sixteen at a time, so that the
// eight working variables and the sixteen words of the schedule stay in registers and are never moved.

/** FIPS 180-4, 4.2.3 and 5.3.5: the first 64 bits of the fractional parts of roots of the first primes. */
const primes = Array.from({ length: 410 }, (_, i) => i)
  .filter(isPrime)
  .slice(0, 80)
const roundConstants = primes.map(prime => fraction(BigInt(prime) << 192n, 3n))
const initial = primes.slice(0, 8).map(prime => fraction(BigInt(prime) << 128n, 2n))

export function writeSha512Block() {
  return [
    '// Made by assembly/generator/sha512.mjs.',
    `const constants: usize = memory.data<u64>([${roundConstants.map(hex).join(', ')}], 16)`,
    '/** The chaining value before the first block. */',
    `export const initial: usize = memory.data<u64>([${initial.map(hex).join(', ')}], 16)`,
    '/** FIPS 180-4, 6.4.2, for `count` blocks of 128 bytes. */',
    'export function compress(chaining: usize, blocks: usize, count: u32): void {',
    ...[...'abcdefgh'].map((name, i) => `  let ${name} = load<u64>(chaining, ${8 * i})`),
    '  for (; count > 0; count--) {',
    ...schedule(i => (i % 2 === 0 ? loadTwoWords(i) : '')).filter(line => line !== ''),
    '    let bc = b ^ c',
    '    let ab: u64',
    ...schedule(i => round(i, `load<u64>(constants, ${8 * i})`)),
    '    for (let row = constants + 128; row < constants + 640; row += 128) {',
    ...schedule(i => [extend(i), round(i, `load<u64>(row, ${8 * i})`)]).flat(),
    '    }',
    ...[...'abcdefgh'].flatMap((name, i) => [
      `    ${name} += load<u64>(chaining, ${8 * i})`,
      `    store<u64>(chaining, ${name}, ${8 * i})`,
    ]),
    '    blocks += 128',
    '  }',
    '}',
    '',
  ].join('\n')
}

function schedule(line) {
  return Array.from({ length: 16 }, (_, i) => line(i))
}

/** Big-endian words: no machine has an instruction for that in Wasm but the shuffle of vectors. */
function loadTwoWords(i) {
  return [
    `    let pair${i} = v128.load(blocks, ${8 * i})`,
    `    pair${i} = i8x16.shuffle(pair${i}, pair${i}, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)`,
    `    let w${i}: u64 = i64x2.extract_lane(pair${i}, 0)`,
    `    let w${i + 1}: u64 = i64x2.extract_lane(pair${i}, 1)`,
  ].join('\n')
}

/**
 * The variables take each other's places from round to round: their names move instead of their values. Ma(a, b, c) is
 * b ^ ((a ^ b) & (b ^ c)), and b ^ c is the a ^ b of the round before.
 */
function round(i, constant) {
  const [now, before] = i % 2 === 0 ? ['ab', 'bc'] : ['bc', 'ab']
  const [a, b, , d, e, f, g, h] = Array.from({ length: 8 }, (_, j) => 'abcdefgh'[(j - (i % 8) + 8) % 8])
  return [
    `    ${h} += (rotr(${e}, 14) ^ rotr(${e}, 18) ^ rotr(${e}, 41)) + (${g} ^ (${e} & (${f} ^ ${g}))) + ${constant} + w${i}`,
    `    ${d} += ${h}`,
    `    ${now} = ${a} ^ ${b}`,
    `    ${h} += (rotr(${a}, 28) ^ rotr(${a}, 34) ^ rotr(${a}, 39)) + (${b} ^ (${now} & ${before}))`,
  ].join('\n')
}

function extend(i) {
  const [w1, w9, w14] = [1, 9, 14].map(distance => `w${(i + distance) % 16}`)
  const sigma0 = `(rotr(${w1}, 1) ^ rotr(${w1}, 8) ^ (${w1} >> 7))`
  const sigma1 = `(rotr(${w14}, 19) ^ rotr(${w14}, 61) ^ (${w14} >> 6))`
  return `    w${i} += ${sigma0} + ${w9} + ${sigma1}`
}

function isPrime(number) {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false
  return number > 1
}

/** The lowest 64 bits of the root, rounded down. */
function fraction(number, degree) {
  let low = 0n
  let high = 1n << 80n
  while (low < high) {
    const middle = (low + high + 1n) >> 1n
    if (middle ** degree <= number) low = middle
    else high = middle - 1n
  }
  return BigInt.asUintN(64, low)
}

function hex(word) {
  return `0x${word.toString(16)}`
}
