import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import { encodeUtf8, formatHex, parseBase64, parseHex } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError } from '../errors.ts'
import { noteBytesMax, noteSignaturesMax } from '../limits.ts'
import {
  type CheckpointNote,
  cosignature,
  cosignatureSignBytes,
  formatCheckpointNote,
  formatNoteKey,
  historyOrigin,
  isNoteKeyName,
  isSignedByLog,
  logSignature,
  type NoteKey,
  NoteKeyType,
  noteSignBytes,
  parseCheckpointNote,
  parseNoteKey,
  verifyCosignatures,
} from './note.ts'

const crypto = await loadCrypto()

/** The example of c2sp.org/tlog-cosignature. */
const example = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`

const body = { origin: 'example.com/log', size: 7n, root: crypto.sha256(encodeUtf8('root')), extensions: [] }

function secretOf(name: string): Uint8Array {
  return crypto.sha256(encodeUtf8(name))
}

function keyOf(name: string, type: NoteKey['type'] = NoteKeyType.ed25519): NoteKey {
  return { name, type, key: ed25519.getPublicKey(secretOf(name)) }
}

function signed(name: string): CheckpointNote['signatures'][number] {
  return logSignature(keyOf(name), ed25519.sign(noteSignBytes(body), secretOf(name)), crypto)
}

/** `line` is the name that the line has. */
function cosigned(name: string, time: bigint, line: string = name): CheckpointNote['signatures'][number] {
  const signature = ed25519.sign(cosignatureSignBytes(body, time), secretOf(name))
  return cosignature({ ...keyOf(name, NoteKeyType.cosignature), name: line }, { time, signature }, crypto)
}

const witnesses = { keys: ['one', 'two', 'three'].map(name => ({ name: `Office ${name}`, key: keyOf(name).key })) }

async function countedIn(signatures: CheckpointNote['signatures']): Promise<readonly string[]> {
  const found = await verifyCosignatures({ ...body, signatures }, witnesses, crypto)
  return found.map(({ witness, time }) => `${witness.name} ${time}`)
}

describe('checkpoint notes', () => {
  test('the example of the specification is read and written again', () => {
    const note = parseCheckpointNote(example)
    assert.equal(note.origin, 'example.com/behind-the-sofa')
    assert.equal(note.size, 20_852_163n)
    assert.equal(formatHex(note.root).slice(0, 8), '0ac5186a')
    assert.deepEqual(
      note.signatures.map(({ name, keyId, signature }) => [name, formatHex(keyId), signature.length]),
      [
        ['example.com/behind-the-sofa', '033de0ae', 64],
        ['witness.example.com/w1', '8d66cf3f', 72],
      ],
    )
    assert.equal(formatCheckpointNote(note), example)
    // The line "time 1679315147" of the specification's text.
    assert.equal(new DataView(note.signatures[1]!.signature.buffer).getBigUint64(0), 1_679_315_147n)
    const signBytes = new TextDecoder().decode(cosignatureSignBytes(note, 1_679_315_147n))
    assert.equal(signBytes, `cosignature/v1\ntime 1679315147\n${example.split('\n').slice(0, 3).join('\n')}\n`)
  })

  test('lines of others between root and signatures are kept as they are, and signed', () => {
    const text = example.replace('q2I=\n', 'q2I=\nan extension line\nanother +\n')
    const note = parseCheckpointNote(text)
    assert.deepEqual(note.extensions, ['an extension line', 'another +'])
    assert.equal(formatCheckpointNote(note), text)
    assert.ok(new TextDecoder().decode(noteSignBytes(note)).endsWith('another +\n'))
  })

  test('any other spelling is refused', () => {
    const [origin, size, root, , first] = example.split('\n') as [string, string, string, string, string]
    const cases: Readonly<Record<string, string>> = {
      empty: '',
      'no signature': `${origin}\n${size}\n${root}\n\n`,
      'no empty line': `${origin}\n${size}\n${root}\n${first}\n`,
      'two empty lines': example.replace('\n\n', '\n\n\n'),
      'an empty line more': `${origin}\n\n${size}\n${root}\n\n${first}\n`,
      'no end': example.slice(0, -1),
      'more after the end': `${example}\n`,
      'text after the signatures': `${example}more\n`,
      'carriage returns': example.replaceAll('\n', '\r\n'),
      'no origin': example.slice(origin.length),
      'a size with a leading zero': example.replace(size, `0${size}`),
      'a size with a sign': example.replace(size, `+${size}`),
      'a size in hexadecimal': example.replace(size, '0x10'),
      'a size of 64 bits': example.replace(size, String(2n ** 63n)),
      'a size that is no number': example.replace(size, 'many'),
      'a root of 31 bytes': example.replace(root, parseBase64Short(root)),
      'a root in another spelling': example.replace(root, root.replace('q2I=', 'q2J=')),
      'a root without padding': example.replace(root, root.slice(0, -1)),
      'a hyphen for the dash': example.replaceAll('\u2014', '-'),
      'two spaces': example.replace('\u2014 ', '\u2014  '),
      'a name with a plus': example.replace('\u2014 example.com', '\u2014 example+com'),
      'a name with a no-break space': example.replace('\u2014 example.com', '\u2014 example\u00a0com'),
      'a name with half a character': example.replace('\u2014 example.com', '\u2014 example\ud800com'),
      'an extension with a control character': example.replace('q2I=\n', 'q2I=\na\u0007b\n'),
      'a signature of nothing': `${origin}\n${size}\n${root}\n\n\u2014 name AAAAAA==\n`,
      'a signature that is not base64': example.replace('Az3grl', 'Az3gr!'),
      'too many signatures': example + `${first}\n`.repeat(noteSignaturesMax),
      'too many lines': example.replace('q2I=\n', `q2I=\n${'line\n'.repeat(17)}`),
      'too long': example.replace('q2I=\n', `q2I=\n${`${'x'.repeat(1_000)}\n`.repeat(17)}`),
    }
    for (const [name, text] of Object.entries(cases)) {
      assert.notEqual(text, example, name)
      assert.throws(() => parseCheckpointNote(text), VerifyError, name)
    }
    assert.ok(cases['too long']!.length > noteBytesMax)
  })

  test('random changes of a note are refused or read as what they are', () => {
    const random = seeded(1)
    for (let round = 0; round < 5_000; round++) {
      const characters = [...example]
      for (let count = 0; count <= random(3); count++) {
        const replacement = ['\n', ' ', '+', '=', 'A', '0', '\u2014', '\u0000', ''][random(9)]!
        characters[random(characters.length)] = replacement
      }
      const text = characters.join('')
      try {
        assert.equal(formatCheckpointNote(parseCheckpointNote(text)), text)
      } catch (error) {
        assert.ok(error instanceof VerifyError, String(error))
      }
    }
  })
})

describe('keys of notes', () => {
  test('the verifier key in the documentation of Go’s note package is read', () => {
    const text = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
    const key = parseNoteKey(text, crypto)
    assert.equal(key.name, 'PeterNeumann')
    assert.equal(key.type, NoteKeyType.ed25519)
    assert.equal(formatNoteKey(key, crypto), text)
  })

  test('a key under another name, id, kind or length is refused', () => {
    const text = formatNoteKey(keyOf('log'), crypto)
    const base64 = text.split('+').slice(2).join('+')
    const cases = [
      text.replace('log', 'lag'),
      text.replace(/\+[0-9a-f]{8}\+/, '+00000000+'),
      text.replace(/\+([0-9a-f]{8})\+/, (_, id: string) => `+${id.toUpperCase()}F+`),
      `log+${base64}`,
      text.slice(0, -4),
      text.replace(base64, `Ag${base64.slice(2)}`),
      text.replace('log', 'l og'),
      text.replace('log', ''),
      '',
    ]
    for (const each of cases) assert.throws(() => parseNoteKey(each, crypto), VerifyError, each)
  })

  test('a name has no spaces, no plus and no control characters', () => {
    for (const name of ['log', 'example.com/witness', 'büro', 'x'.repeat(600)]) assert.ok(isNoteKeyName(name), name)
    for (const name of ['', 'a b', 'a\tb', 'a\u0085b', 'a\u3000b', 'a+b', 'a\nb', 'x'.repeat(601)])
      assert.ok(!isNoteKeyName(name), JSON.stringify(name))
  })

  test('the origin is one line that tells chains apart, whatever their ids', () => {
    const genesisHash = parseHex('ab'.repeat(32))
    const origin = historyOrigin({ chainId: 'land-1', genesisHash })
    assert.equal(origin, `muniment/history/1/land-1/${'ab'.repeat(32)}`)
    const ids = ['a', 'a/b', 'a b', 'a+b', 'a\nb', 'a%20b', 'é', '\u3000'.repeat(50)]
    const origins = ids.map(chainId => historyOrigin({ chainId, genesisHash }))
    assert.equal(new Set(origins).size, ids.length)
    for (const each of origins) assert.ok(isNoteKeyName(each), each)
    assert.notEqual(historyOrigin({ chainId: 'land-1', genesisHash: parseHex('cd'.repeat(32)) }), origin)
  })
})

describe('signatures of notes', () => {
  test('a log’s own signature counts, under its own name and over this very text', async () => {
    const keys = [keyOf('log')]
    const isSigned = (signatures: CheckpointNote['signatures'], change: Partial<CheckpointNote> = {}) =>
      isSignedByLog({ ...body, signatures, ...change }, keys, crypto)
    assert.equal(await isSigned([signed('log')]), true)
    assert.equal(await isSigned([cosigned('one', 1n), signed('other'), signed('log')]), true)
    assert.equal(await isSigned([signed('other')]), false)
    assert.equal(await isSigned([{ ...signed('log'), name: 'other' }]), false)
    assert.equal(await isSigned([{ ...signed('other'), ...keyIdOf('log') }]), false)
    assert.equal(await isSigned([signed('log')], { size: 8n }), false)
    assert.equal(await isSigned([signed('log')], { origin: 'example.com/other' }), false)
    assert.equal(await isSigned([signed('log')], { extensions: ['more'] }), false)
    // A cosignature is no signature of the log, though the key be the same.
    assert.equal(await isSigned([cosigned('log', 1n)]), false)
  })

  test('each named witness counts once, whatever its line is called, with its newest time', async () => {
    assert.deepEqual(await countedIn([cosigned('two', 5n)]), ['Office two 5'])
    assert.deepEqual(await countedIn([cosigned('three', 7n), cosigned('one', 6n)]), ['Office one 6', 'Office three 7'])
    const often = [cosigned('one', 5n), cosigned('one', 9n), cosigned('one', 8n, 'example.com/another-name')]
    assert.deepEqual(await countedIn(often), ['Office one 9'])
  })

  test('what is not a named witness’s signature counts for nothing, and hurts no other', async () => {
    const good = cosigned('one', 5n)
    const flipped = good.signature.slice()
    flipped[40]! ^= 1
    const later = good.signature.slice()
    later[7]! ^= 1
    const hostile = [
      cosigned('stranger', 5n),
      signed('one'),
      { ...cosigned('stranger', 5n), ...keyIdOf('two', NoteKeyType.cosignature), name: 'two' },
      { ...good, signature: flipped },
      { ...good, signature: later },
      { ...good, signature: good.signature.slice(0, 71) },
      { ...cosigned('two', 5n), name: 'renamed without its key id' },
      cosigned('three', 2n ** 63n),
    ]
    for (const each of hostile) assert.deepEqual(await countedIn([each]), [])
    assert.deepEqual(await countedIn([...hostile, good, ...hostile]), ['Office one 5'])
  })

  test('a cosignature is of one text only', async () => {
    const signatures = [cosigned('one', 5n)]
    for (const change of [{ size: 8n }, { origin: 'x' }, { root: crypto.sha256() }, { extensions: ['x'] }])
      assert.deepEqual(await verifyCosignatures({ ...body, ...change, signatures }, witnesses, crypto), [])
  })
})

function keyIdOf(name: string, type: NoteKey['type'] = NoteKeyType.ed25519): { keyId: Uint8Array } {
  return { keyId: parseHex(formatNoteKey(keyOf(name, type), crypto).split('+')[1]!) }
}

function parseBase64Short(root: string): string {
  return btoa(String.fromCharCode(...parseBase64(root).slice(1)))
}

/** Numbers below a bound, the same in every run (Park and Miller's generator). */
function seeded(seed: number): (bound: number) => number {
  let state = seed
  return bound => {
    state = (state * 48_271) % 2_147_483_647
    return state % bound
  }
}
