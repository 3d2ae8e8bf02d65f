// Builds of assembly/ed25519 that no page gets, for the tests of its arithmetic: parts of it by themselves, checked ones, and
// ones with a mistake put in.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
// @ts-expect-error: a script without types.
import * as fieldScript from '../assembly/generator/field.mjs'
// @ts-expect-error: a script without types.
import * as programScript from '../assembly/generator/program.mjs'
// @ts-expect-error: a script without types.
import * as representationScript from '../assembly/generator/representation.mjs'
// @ts-expect-error: a script without types.
import { writeSha512Block } from '../assembly/generator/sha512.mjs'
import { type Exports, unfusedSkip } from './signature-engines.ts'

/** A vector in a straight-line program (program.mjs): its name, and what may be in its lanes. */
export type Value = { readonly text: string; readonly range: Range }
/** Whole multiples, from `low` to `high`, of 2^exponent. */
export type Range = { readonly exponent: number; readonly low: bigint; readonly high: bigint }
/** The steps of program.mjs, and the lines they have come to. */
export type Program = { readonly lines: readonly string[] } & Readonly<
  Record<string, (...operands: readonly unknown[]) => Value & { readonly [part: string]: Value }>
>
/** Takes each limb of a result. */
export type Write = (limb: number, value: Value) => void
export type Representation = {
  readonly name: 'fused' | 'plain'
  readonly limbs: number
  readonly weights: readonly number[]
  readonly inPlace: boolean
  readonly productLimit: number
  readonly sumLimit: number
  readonly squareLimit: number
  readonly units: readonly bigint[]
  readonly multiply: (program: Program, a: readonly Value[], b: readonly Value[], write: Write) => void
  readonly multiplySum: (program: Program, a: readonly Value[], b: readonly Value[], write: Write) => void
  readonly square: (program: Program, a: readonly Value[], write: Write) => void
  readonly reduce: (program: Program, a: readonly Value[], write: Write) => void
}

export const { fused, plain }: Readonly<Record<'fused' | 'plain', Representation>> = representationScript
export const rangesOf: (representation: Representation, units: number) => readonly Range[] =
  representationScript.rangesOf
export const createProgram: (places: { readonly constants: { readonly place: (bits: bigint) => string } }) => Program =
  programScript.createProgram
/** How many vectors a program can keep in memory. */
export const keptMax: number = programScript.keptMax
export const bitsOf: (value: number) => bigint = programScript.bitsOf
/** Answers how many cases it followed; throws a RangeError where a bound does not hold. */
export const proveField: (representation: Representation) => number = fieldScript.proveField
const writeField: (representation: Representation, options?: { readonly checked?: boolean }) => string =
  fieldScript.writeField

export const prime = 2n ** 255n - 19n
export const order = 2n ** 252n + 27742317777372353535851937790883648493n
export const modulo = (value: bigint, by: bigint): bigint => ((value % by) + by) % by

export const representations: readonly { readonly representation: Representation; readonly skip: string | false }[] = [
  { representation: fused, skip: unfusedSkip },
  { representation: plain, skip: false },
]

type Build = {
  readonly entry: string
  readonly representation: Representation
  readonly checked?: boolean
  /** Files by their path, in place of those of the repository or beside them; given its text, a function changes one. */
  readonly sources?: Readonly<Record<string, string | ((text: string) => string)>>
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** Compiles with the options of the module that pages get. */
export async function build({ entry, representation, checked = false, sources = {} }: Build): Promise<Uint8Array> {
  const generated: Readonly<Record<string, string>> = {
    'assembly/ed25519/field.ts': writeField(representation, { checked }),
    'assembly/ed25519/sha512-block.ts': writeSha512Block(),
  }
  const read = (name: string): string | null => {
    const path = name.replaceAll('\\', '/')
    const source = sources[path]
    if (typeof source === 'string') return source
    const text = generated[path] ?? readIfThere(`${root}/${path}`)
    return source === undefined || text === null ? text : source(text)
  }
  const target = representation.name === 'fused' ? 'ed25519-fma' : 'ed25519-simd'
  let binary: Uint8Array | undefined
  const { error, stderr } = await asc.main([entry, '--baseDir', root, '--target', target, '--outFile', 'module.wasm'], {
    readFile: read,
    writeFile: (name, contents) => {
      if (name === 'module.wasm') binary = contents as Uint8Array
    },
  })
  assert.equal(error, null, stderr.toString())
  return binary!
}

export async function run(binary: Uint8Array): Promise<Exports> {
  const { instance } = await WebAssembly.instantiate(binary as Uint8Array<ArrayBuffer>)
  return instance.exports as Exports
}

/** Two pages of our own behind the module's. The field is prepared, which may make the memory grow again. */
export function workspace(exports: Exports): {
  readonly base: number
  readonly view: DataView
  readonly bytes: Uint8Array
} {
  const { memory, prepareField } = exports
  const base = memory.grow(2) * 65_536
  prepareField?.()
  return { base, view: new DataView(memory.buffer, base), bytes: new Uint8Array(memory.buffer, base) }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
