import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VerifyError } from '../errors.ts'
import { blobBytesMax } from '../limits.ts'
import { type CandidatePolicy, formatBlob, packBlob, pairedPolicy, parseBlob, unpackBlob } from './blob.ts'
import { type Candidate, readDescription, type Side, writeDescription } from './description.ts'
import { introducedPolicy } from './introduction.ts'
import { parseIp } from './ip.ts'

const fingerprint = Uint8Array.from({ length: 32 }, (_, index) => 255 - index)
const host = (text: string, port = 50_000): Candidate => ({ type: 'host', address: { ip: parseIp(text)! }, port })
const hidden: Candidate = {
  type: 'host',
  address: { uuid: Uint8Array.from({ length: 16 }, (_, i) => i) },
  port: 40_001,
}
const sideWith = (...candidates: readonly Candidate[]): Side => ({
  ufrag: 'aB+/',
  password: 'abcdefghijklmnopqrstuvwx',
  fingerprint,
  candidates,
})
const everything: CandidatePolicy = { countMax: 8, scopes: ['public', 'private', 'loopback'] }

test('a blob takes 56 bytes, and 7 for an IPv4 address, 19 for an IPv6 address or a hidden one', () => {
  const size = (...candidates: readonly Candidate[]): number =>
    packBlob('offer', sideWith(...candidates), everything).length
  assert.equal(size(), 56)
  assert.equal(size(host('192.0.2.1')), 63)
  assert.equal(size(hidden), 75)
  assert.equal(size(host('2001:db8::1'), hidden), 94)
})

test('what one side says of itself comes over whole, in bytes and as text', () => {
  const side = sideWith(host('192.0.2.1'), hidden, { ...host('2001:db8::1', 65_535), type: 'reflexive' })
  for (const kind of ['offer', 'answer'] as const) {
    const text = formatBlob(packBlob(kind, side, everything))
    assert.deepEqual(unpackBlob(kind, parseBlob(` ${text.slice(0, 20)}\n${text.slice(20)} `), everything), side)
  }
})

test('user names and passwords of every length that is allowed come over', () => {
  const text = (minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...'ABZabz019+/'), minLength, maxLength })
  fc.assert(
    fc.property(text(4, 32), text(22, 64), (ufrag, password) => {
      const side = { ...sideWith(hidden), ufrag, password }
      assert.deepEqual(unpackBlob('offer', packBlob('offer', side, everything), everything), side)
    }),
  )
})

test('nobody is sent to this machine, to groups, to well-known ports; to his own network only by a person', () => {
  const side = sideWith(
    ...[host('127.0.0.1'), host('::1'), host('224.0.0.251'), host('ff02::fb'), host('0.0.0.0')],
    ...[host('192.0.2.1', 53), host('192.168.1.1'), host('192.0.2.2'), hidden],
  )
  const trusting: CandidatePolicy = { countMax: 8, scopes: ['public', 'private', 'loopback'] }
  const reach = (policy: CandidatePolicy, candidates: readonly Candidate[]): readonly Candidate[] => {
    const [written, whole] = [policy, trusting].map(each => packBlob('offer', { ...side, candidates }, each))
    const read = unpackBlob('offer', whole!, { ...policy, countMax: 8 }).candidates
    // What is not written is not read either.
    assert.deepEqual(unpackBlob('offer', written!, policy).candidates, read)
    return read
  }
  assert.deepEqual(reach(pairedPolicy, side.candidates), [host('192.168.1.1'), host('192.0.2.2'), hidden])
  assert.deepEqual(reach(introducedPolicy, side.candidates), [host('192.0.2.2'), hidden])
})

test('places that our own code never writes are left out by who reads them', () => {
  const blob = packBlob('offer', sideWith(host('192.0.2.1')), everything)
  const to = (ip: string, port: number): Side => {
    const changed = blob.slice()
    changed.set(parseIp(ip)!, 57)
    changed.set([port >> 8, port & 255], 61)
    return unpackBlob('offer', changed, pairedPolicy)
  }
  assert.deepEqual(to('192.0.2.9', 1_024).candidates, [host('192.0.2.9', 1_024)])
  for (const [ip, port] of [
    ['192.0.2.9', 1_023],
    ['192.0.2.9', 0],
    ['127.0.0.1', 8_080],
    ['239.0.0.1', 8_080],
  ] as const)
    assert.deepEqual(to(ip, port).candidates, [], `${ip} ${port}`)
})

test('an introduction names at most four places', () => {
  const five = Array.from({ length: 5 }, (_, index) => host('192.0.2.1', 50_000 + index))
  assert.equal(
    unpackBlob('offer', packBlob('offer', sideWith(...five), introducedPolicy), introducedPolicy).candidates.length,
    4,
  )
  const more = packBlob('offer', sideWith(...five), everything)
  assert.throws(() => unpackBlob('offer', more, introducedPolicy), { code: 'oversized' })
})

test('a malformed or oversized blob is refused with a word for it', () => {
  const blob = packBlob('offer', sideWith(host('192.0.2.1')), everything)
  const changed = (at: number, value: number): Uint8Array =>
    Uint8Array.from(blob, (byte, index) => (index === at ? value : byte))
  const odd = packBlob('offer', { ...sideWith(), ufrag: 'abcde' }, everything)
  odd[5]! |= 1
  const nine = Array.from({ length: 9 }, () => blob.subarray(56))
  const refused: readonly [string, Uint8Array, string][] = [
    ['nothing', new Uint8Array(0), 'truncated'],
    ['an answer', changed(0, 1), 'malformed'],
    ['another version', changed(0, 2), 'format-unknown'],
    ['a user name of one character', changed(1, 1), 'malformed'],
    ['a user name that is too long', changed(1, 200), 'malformed'],
    ['a password that is too short', changed(5, 21), 'malformed'],
    ['a user name with bits behind it', odd, 'non-canonical'],
    ['half a candidate', blob.subarray(0, 60), 'truncated'],
    ['a candidate of no form', changed(56, 0), 'malformed'],
    ['a candidate of another form', changed(56, 9), 'malformed'],
    ['nine candidates', Uint8Array.from([...blob.subarray(0, 56), ...nine.flatMap(each => [...each])]), 'oversized'],
    ['a long one', new Uint8Array(blobBytesMax + 1), 'oversized'],
  ]
  for (const [what, bytes, code] of refused) assert.throws(() => unpackBlob('offer', bytes, everything), { code }, what)
  for (const text of ['=', 'a', 'ÄÖ', '<img>', `${formatBlob(blob)}=`])
    assert.throws(() => parseBlob(text), VerifyError, text)
  assert.throws(() => parseBlob('A'.repeat(10_000)), { code: 'oversized' })
})

test('no bytes at all do more than be refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: blobBytesMax + 8 }), bytes => {
      try {
        const read = unpackBlob('offer', bytes, everything)
        assert.ok(!/[\s\r\n]/.test(read.ufrag + read.password))
      } catch (error) {
        assert.ok(error instanceof VerifyError)
      }
    }),
    { numRuns: 5_000 },
  )
})

test('a description as Chromium and Firefox write it is read; what we write, they understand', () => {
  const sdp = [
    'v=0',
    'm=application 53421 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    'a=candidate:1 1 udp 2113937151 7c0a9a24-7a0e-4ffb-9e1e-5fb1a8ad8a1d.local 53421 typ host generation 0 network-cost 999',
    'a=candidate:2 1 UDP 1677729535 192.0.2.7 53422 typ srflx raddr 0.0.0.0 rport 0 generation 0',
    'a=candidate:3 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active',
    'a=candidate:4 2 udp 2113937150 192.0.2.7 53423 typ host',
    'a=candidate:5 1 udp 41885439 192.0.2.8 53424 typ relay raddr 192.0.2.7 rport 53422',
    'a=candidate:6 1 udp 2113937151 printer.local 53425 typ host',
    'a=ice-ufrag:EsAw',
    'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1',
    `a=fingerprint:sha-256 ${Array.from(fingerprint, byte => byte.toString(16).padStart(2, '0').toUpperCase()).join(':')}`,
    '',
  ].join('\r\n')
  const side = readDescription(sdp)
  assert.deepEqual([side.ufrag, side.password], ['EsAw', 'P2uYro0UCOQ4zxjKXaWCBui1'])
  assert.deepEqual(side.fingerprint, fingerprint)
  assert.equal(side.candidates.length, 2)
  assert.deepEqual(side.candidates[1], { ...host('192.0.2.7', 53_422), type: 'reflexive' })
  const written = writeDescription(side, 'offer')
  assert.match(written, / 7c0a9a24-7a0e-4ffb-9e1e-5fb1a8ad8a1d\.local 53421 typ host\r\n/)
  assert.deepEqual(readDescription(written), side)
  assert.throws(() => readDescription(sdp.replace('sha-256', 'sha-512')), { code: 'unavailable' })
})
