// `muniment service`: looks at service files, plays their stories, draws them, and begins new ones.

import { existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  decodeProcedure,
  encodeCanonicalJson,
  type JsonObject,
  type LintFinding,
  lintService,
  loadCrypto,
  type Procedure,
  VerifyError,
} from '@muniment/sdk'
import { readDraftFile } from '../catalogue.ts'
import { HomeError, systemError } from '../home-error.ts'
import { coverageOf } from '../scenario/coverage.ts'
import { createMemoryStage } from '../scenario/memory-stage.ts'
import type { Seen, Stage } from '../scenario/play.ts'
import { formatPlayed, playStories, readFile, readNeighbours, readStories } from '../scenario/stories.ts'
import { drawService } from '../service/draw.ts'
import { newServiceFile } from '../service/new-file.ts'
import { UsageError } from './arguments.ts'

export const serviceUsage = `  service lint FILE... [--json]   what is wrong with service files, and how to mend it; the services beside them are the catalogue
  service test FILE...            plays their scenarios in memory; every step and every condition must be seen
  service draw FILE [--language en] [--out FILE.svg]   its states and steps as a picture, to the standard output where no file is named
  service new NAME                writes a small service, culture.museum-card, to museum-card.yaml in this folder
         exit with 0: good · 1: an error was found, or a scenario or a step is missing
`

/** Answers the exit code. Throws UsageError and HomeError. */
export async function service(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args
  if (command === 'lint') return lint(rest)
  if (command === 'test') return test(rest)
  if (command === 'draw') return draw(rest)
  if (command === 'new') return begin(rest)
  throw new UsageError(`There is no command service ${command ?? ''}.`)
}

type Given = { readonly names: readonly string[]; readonly values: Readonly<Record<string, unknown>> }

function read(args: readonly string[], types: NonNullable<Parameters<typeof parseArgs>[0]>['options'] = {}): Given {
  try {
    const { positionals, values } = parseArgs({ args: [...args], options: types, strict: true, allowPositionals: true })
    if (positionals.length === 0) throw new UsageError('A file is missing.')
    return { names: positionals, values }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError((error as Error).message)
  }
}

function lint(args: readonly string[]): number {
  const { names, values } = read(args, { json: { type: 'boolean' } })
  const drafts = names.map(path => ({ path, ...draftOf(path) }))
  const neighbours = names.every(existsSync) ? readNeighbours(names) : []
  const catalogue = [...neighbours, ...drafts].flatMap(({ procedure }) => (procedure ? [procedure] : []))
  const found = drafts.flatMap(({ path, json, mistake }) => {
    const unread: LintFinding = { code: 'form', place: '', sentence: mistake, severity: 'error' }
    const findings = json ? lintService(json, { catalogue }) : [unread]
    return findings.map(finding => ({ file: path, ...finding }))
  })
  const errors = found.filter(({ severity }) => severity === 'error').length
  if (values.json === true) console.log(JSON.stringify(found, null, 2))
  else {
    for (const { file, place, severity, code, sentence } of found)
      console.log(`${file}: ${place === '' ? '' : `${place}: `}${severity} ${code}: ${sentence}`)
    console.log(`${drafts.length} files, ${errors} errors, ${found.length - errors} warnings`)
  }
  return errors === 0 ? 0 : 1
}

type Draft = {
  readonly json: JsonObject | undefined
  readonly procedure: Procedure | undefined
  readonly mistake: string
}

/** A file that can't be read is a finding as well. */
function draftOf(path: string): Draft {
  try {
    const json = readDraftFile(path)
    return { json, procedure: procedureOf(json), mistake: '' }
  } catch (error) {
    if (error instanceof HomeError) return { json: undefined, procedure: undefined, mistake: error.message }
    throw error
  }
}

/** Undefined where the file has no cases, or is not sound: the linter says why. */
function procedureOf(json: JsonObject): Procedure | undefined {
  try {
    return json.states === undefined ? undefined : decodeProcedure(encodeCanonicalJson(json))
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}

async function test(args: readonly string[]): Promise<number> {
  const files = read(args).names.map(readFile)
  const seen: Seen = { taken: new Set(), open: new Set(), closed: new Set() }
  const sums = { scenarios: 0, failed: 0 }
  const crypto = await loadCrypto()
  try {
    const stories = readStories(files, crypto)
    const raise = async (country: JsonObject): Promise<Stage> => createMemoryStage(country, crypto)
    for await (const played of playStories(stories, raise, seen)) {
      sums.scenarios += 1
      if (played.failure) sums.failed += 1
      console.log(formatPlayed(played))
    }
    const procedures = files.flatMap(({ procedure }) => (procedure ? [procedure] : []))
    const missing = procedures.flatMap(procedure => coverageOf(procedure, seen).missing)
    for (const sentence of missing) console.log(sentence)
    const word =
      missing.length === 0 ? 'every step and every condition was seen' : `${missing.length} things were not seen`
    console.log(`${files.length} files, ${sums.scenarios} scenarios, ${sums.failed} failed; ${word}`)
    return sums.failed === 0 && missing.length === 0 && sums.scenarios > 0 ? 0 : 1
  } finally {
    crypto.close()
  }
}

function draw(args: readonly string[]): number {
  const { names, values } = read(args, { language: { type: 'string' }, out: { type: 'string' } })
  const { json, procedure } = readFile(names[0]!)
  if (!procedure) throw new UsageError(`${names[0]} has no states to draw.`)
  const picture = drawService(json, procedure, String(values.language ?? 'en'))
  if (values.out === undefined) process.stdout.write(picture)
  else save(String(values.out), picture)
  return 0
}

const namePattern = /^[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)+$/

function begin(args: readonly string[]): number {
  const [name] = read(args).names as [string]
  if (!namePattern.test(name)) throw new UsageError(`${name} is no name of a service: write culture.museum-card.`)
  const path = `${name.split('.').at(-1)}.yaml`
  if (existsSync(path)) throw new UsageError(`${path} is there already.`)
  save(path, newServiceFile(name))
  console.log(`${path} is written. It is whole: lint it, test it, then make it yours.`)
  return 0
}

function save(path: string, content: string): void {
  try {
    writeFileSync(path, content)
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}
