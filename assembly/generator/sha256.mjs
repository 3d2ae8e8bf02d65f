// Writes assembly/hash/rounds.ts: the compression of SHA-256 (FIPS 180-4, 6.2.2) for one message, and for five at a time.
// Four of the five are lanes of vectors. The fifth goes beside them, a round of it after each of theirs, in parts of the
// processor that vectors leave idle.
//
// Rounds are unrolled eight in a row, after which the letters are where they were: names move instead of values. The words
// of the schedule stay in memory, for the registers are full.

/** How the words of one message are written: its names end in 1. */
const one = {
  mark: 1,
  bytes: 4,
  words: 'words',
  constants: 'constants',
  chaining: 'chaining',
  load: (index, place) => `load<u32>(${index}, ${place})`,
  store: (index, place, value) => `store<u32>(${index}, ${value}, ${place})`,
  add: (x, y) => `(${x} + ${y})`,
  and: (x, y) => `(${x} & ${y})`,
  xor: (x, y) => `(${x} ^ ${y})`,
  shift: (x, by) => `(${x} >> ${by})`,
  rotate: (x, by) => `rotr<u32>(${x}, ${by})`,
}

/** The same for vectors of four messages' words. */
const four = {
  mark: 4,
  bytes: 16,
  words: 'wordsFour',
  constants: 'constantsFour',
  chaining: 'chainingFour',
  load: (index, place) => `v128.load(${index}, ${place})`,
  store: (index, place, value) => `v128.store(${index}, ${value}, ${place})`,
  add: (x, y) => `i32x4.add(${x}, ${y})`,
  and: (x, y) => `v128.and(${x}, ${y})`,
  xor: (x, y) => `v128.xor(${x}, ${y})`,
  shift: (x, by) => `i32x4.shr_u(${x}, ${by})`,
  rotate: (x, by) => `v128.or(i32x4.shr_u(${x}, ${by}), i32x4.shl(${x}, ${32 - by}))`,
}

const letters = [...'abcdefgh']

export function writeSha256Rounds() {
  return [
    '// Made by assembly/generator/sha256.mjs.',
    "import { chaining, chainingFour, constantsFour, words, wordsFour } from './memory'",
    "import { constants } from './sha256'",
    ...compression('compress', [one]),
    ...compression('compressFive', [four, one]),
    '',
  ].join('\n')
}

/** The block stands in `words…`; from the chaining value at `from…` to `chaining…`, which may be the same. */
function compression(name, kinds) {
  const [{ mark, bytes }] = kinds
  const next = kinds.map(kind => `i${kind.mark} += ${8 * kind.bytes}`).join(', ')
  const eightRounds = line => letters.flatMap((_, i) => kinds.flatMap(kind => line(kind, i)))
  return [
    `export function ${name}(${kinds.map(kind => `from${kind.mark}: usize`).join(', ')}): void {`,
    ...kinds.flatMap(kind => letters.map((_, i) => `let ${letters[i]}${kind.mark} = ${before(kind, i)}`)),
    ...kinds.map(kind => `let i${kind.mark}: usize = 0`),
    `for (; i${mark} < ${48 * bytes}; ${next}) {`,
    ...kinds.map(kind => `const w${kind.mark}0 = ${word(kind, 0)}`),
    ...eightRounds((kind, i) => [...round(kind, i, `w${kind.mark}${i}`), ...extension(kind, i)]),
    '}',
    `for (; i${mark} < ${64 * bytes}; ${next}) {`,
    ...eightRounds((kind, i) => round(kind, i, word(kind, i))),
    '}',
    ...kinds.flatMap(kind => letters.map((_, i) => after(kind, i))),
    '}',
  ]
}

function before({ mark, bytes, load }, i) {
  return load(`from${mark}`, i * bytes)
}

function after(kind, i) {
  const { mark, bytes, chaining, store, add } = kind
  return store(i * bytes, chaining, add(before(kind, i), `${letters[i]}${mark}`))
}

/** The word `i` after the one that the eight rounds begin with. */
function word({ mark, bytes, words, load }, i) {
  return load(`i${mark}`, `${words} + ${i * bytes}`)
}

function round({ mark, bytes, constants, load, add, and, xor, rotate }, i, word) {
  const [a, b, c, d, e, f, g, h] = letters.map((_, j) => `${letters[(j - i + 8) % 8]}${mark}`)
  const constant = load(`i${mark}`, `${constants} + ${i * bytes}`)
  const sum0 = xor(xor(rotate(a, 2), rotate(a, 13)), rotate(a, 22))
  const sum1 = xor(xor(rotate(e, 6), rotate(e, 11)), rotate(e, 25))
  const choice = xor(g, and(e, xor(f, g)))
  const majority = xor(and(xor(a, b), xor(b, c)), b)
  return [
    `${h} = ${add(add(add(h, add(word, constant)), choice), sum1)}`,
    `${d} = ${add(d, h)}`,
    `${h} = ${add(add(h, majority), sum0)}`,
  ]
}

/** The word for 16 rounds later. */
function extension(kind, i) {
  const { mark, bytes, words, store, add, xor, shift, rotate } = kind
  const [w0, w1, w14] = [`w${mark}${i}`, `w${mark}${i + 1}`, `x${mark}${i}`]
  const sigma0 = xor(xor(rotate(w1, 7), rotate(w1, 18)), shift(w1, 3))
  const sigma1 = xor(xor(rotate(w14, 17), rotate(w14, 19)), shift(w14, 10))
  const sum = add(add(w0, sigma0), add(word(kind, i + 9), sigma1))
  return [
    `const ${w1} = ${word(kind, i + 1)}`,
    `const ${w14} = ${word(kind, i + 14)}`,
    store(`i${mark}`, `${words} + ${(i + 16) * bytes}`, sum),
  ]
}
