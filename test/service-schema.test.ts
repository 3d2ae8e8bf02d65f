import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '@muniment/sdk'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { readServiceFile } from '../node/src/catalogue.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const schema = JSON.parse(readFileSync(join(root, 'docs/protocol/service.schema.json'), 'utf8'))
const isService = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false }).compile(schema)
const files = ['services', 'services/examples'].flatMap(folder =>
  readdirSync(join(root, folder))
    .filter(name => name.endsWith('.yaml'))
    .map(name => readServiceFile(join(root, folder, name))),
)

test('the schema takes every file of the catalogue', () => {
  for (const file of files)
    assert.ok(isService(file), `${file.service}: ${JSON.stringify(isService.errors?.slice(0, 5))}`)
})

test('the schema refuses what the reader refuses by its form', () => {
  const fine = files.find(({ service }) => service === 'transport.fine@1')!
  // biome-ignore lint/suspicious/noExplicitAny: a file is broken at any place
  const wrong: readonly ((file: any) => void)[] = [
    file => (file.service = 'Transport'),
    file => (file.colour = 'red'),
    file => delete file.title,
    file => delete file.sector,
    file => (file.freshness = 59),
    ({ roles }) => (roles.judge = { offices: [] }),
    ({ roles }) => (roles.citizen = { party: 'some' }),
    ({ fields }) => (fields[0].show = 'shown'),
    ({ fields }) => (fields[2].keep = 'P3Y'),
    ({ states }) => delete states.issued.then,
    ({ states }) => (states.issued.clock = 30),
    ({ transitions }) => (transitions.pay.do = ['obligations.steal']),
    ({ transitions }) => (transitions.contest.do[1].how = 'draw'),
    ({ transitions }) => delete transitions.issue.guards.late.say,
    ({ transitions }) => (transitions.issue.takes = ['all']),
    ({ tables }) => (tables.fineFor.sets[0].rows[0].gives = 1.5),
    ({ tables }) => (tables.fineFor.hit = 'ANY'),
    ({ looks }) => (looks.review.fields = []),
    ({ looks }) => (looks.review.persons = 2),
  ]
  for (const breakIt of wrong) {
    const file: JsonObject = structuredClone(fine)
    breakIt(file)
    assert.equal(isService(file), false, breakIt.toString())
  }
})
