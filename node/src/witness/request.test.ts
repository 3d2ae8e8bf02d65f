import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8, formatHex, VerifyError } from '@muniment/sdk'
import { addCheckpointBytesMax } from '../limits.ts'
import { formatAddCheckpoint, parseAddCheckpoint } from './request.ts'
import { testLog } from './test-log.ts'

/** The example of c2sp.org/tlog-witness. */
const example = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`

test('the example of the specification is read and written again', () => {
  const request = parseAddCheckpoint(encodeUtf8(example))
  assert.equal(request.oldSize, 20_852_014n)
  assert.deepEqual(
    request.proof.map(node => formatHex(node).slice(0, 8)),
    ['3e544d0a', '8eb2590e', 'e7ea4a95', 'ffa59584'],
  )
  assert.equal(request.note.size, 20_852_163n)
  assert.equal(request.note.signatures.length, 2)
  assert.equal(formatAddCheckpoint(request), example)
})

test('a first request has size 0 and no proof', async () => {
  const log = await testLog(3)
  const text = formatAddCheckpoint({ oldSize: 0n, proof: [], note: log.note(3n) })
  assert.ok(text.startsWith(`old 0\n\n${log.origin}\n3\n`))
  assert.equal(formatAddCheckpoint(parseAddCheckpoint(encodeUtf8(text))), text)
})

test('any other spelling is refused', () => {
  const line = example.split('\n')[1]!
  const cases: Readonly<Record<string, string>> = {
    empty: '',
    'no size': example.slice(example.indexOf('\n') + 1),
    'a size with a leading zero': example.replace('old 2', 'old 02'),
    'two spaces': example.replace('old ', 'old  '),
    'another word': example.replace('old ', 'new '),
    'a size of 64 bits': example.replace('20852014', String(2n ** 63n)),
    'a node of 31 bytes': example.replace(line, btoa('x'.repeat(31))),
    'a node in another spelling': example.replace('kaw=', 'kax='),
    'a node in hexadecimal': example.replace(line, 'ab'.repeat(32)),
    'no empty line': example.replace('\n\n', '\n'),
    'an empty line more': example.replace('\n\n', '\n\n\n'),
    'carriage returns': example.replaceAll('\n', '\r\n'),
    'no note': example.slice(0, example.indexOf('\n\n') + 2),
    'a note without a signature': example.slice(0, example.indexOf('\n— ')),
    'more proof than any tree needs': example.replace(line, `${line}\n`.repeat(61).trimEnd()),
    'too long': `${example}${' '.repeat(addCheckpointBytesMax)}`,
  }
  for (const [name, text] of Object.entries(cases)) {
    assert.notEqual(text, example, name)
    assert.throws(() => parseAddCheckpoint(encodeUtf8(text)), VerifyError, name)
  }
  assert.throws(() => parseAddCheckpoint(Uint8Array.of(...encodeUtf8(example), 0xff)), VerifyError)
})
