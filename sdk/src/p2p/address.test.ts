import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDirectAddress, isDirectAddress, parseDirectAddress } from './address.ts'

const peer = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
const fingerprint = Uint8Array.from({ length: 32 }, (_, index) => index)
const certhash = `uEiAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw`
const address = `/ip4/192.0.2.1/udp/4002/muniment-direct/certhash/${certhash}/p2p/${peer}`

test('an address names host, port, certificate and key, and is written back as it was', () => {
  assert.deepEqual(parseDirectAddress(address), { host: '192.0.2.1', port: 4002, fingerprint, peer })
  assert.equal(formatDirectAddress(parseDirectAddress(address)), address)
  const other = address.replace('/ip4/192.0.2.1/', '/ip6/2001:db8::1/')
  assert.equal(formatDirectAddress(parseDirectAddress(other)), other)
})

test('an operator may write an IP address as he likes: the address that is told has its one spelling', () => {
  const told = formatDirectAddress({ host: '2001:DB8:0:0::1', port: 1, fingerprint, peer })
  assert.equal(parseDirectAddress(told).host, '2001:db8::1')
})

test('an address that leaves anything open, or says anything twice, is refused', () => {
  const changes: readonly [string, string | RegExp, string][] = [
    ['a name to look up', '192.0.2.1', 'node.example'],
    ['a host of the other family', 'ip4', 'ip6'],
    ['no IP address', '192.0.2.1', '192.0.2.256'],
    ['another spelling', '/ip4/192.0.2.1/', '/ip6/2001:0db8::1/'],
    ['a zone', '/ip4/192.0.2.1/', '/ip6/fe80::1%25eth0/'],
    ['port 0', '4002', '0'],
    ['a port that is too large', '4002', '65536'],
    ['a port with a zero before it', '4002', '04002'],
    ['another dial', 'muniment-direct', 'webrtc-direct'],
    ['no certificate', /\/certhash\/\w+/, ''],
    ['half a certificate', certhash, certhash.slice(0, 24)],
    ['a hash of another kind', 'uEiA', 'uEyA'],
    ['stray bits', /Hw\/p2p/, 'Hx/p2p'],
    ['padding', certhash, `${certhash}==`],
    ['no key', /\/p2p\/.*/, ''],
    ['a key of another kind', peer, 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'],
    ['a key with a character too many', peer, `${peer}N`],
    ['something behind it', peer, `${peer}/p2p-circuit`],
    ['a second address before it', '/ip4', '/ip4/192.0.2.9/udp/1/ip4'],
    ['a line end', peer, `${peer}\n`],
  ]
  for (const [what, from, to] of changes) {
    const text = address.replace(from, to)
    assert.notEqual(text, address, what)
    assert.throws(() => parseDirectAddress(text), { name: 'VerifyError' }, what)
  }
  assert.throws(() => parseDirectAddress(`/${'x'.repeat(1_000)}`), { code: 'oversized' })
})

test('which dial an address is for can be seen without reading it', () => {
  assert.ok(isDirectAddress(address))
  assert.ok(!isDirectAddress(address.replace('muniment-direct', 'webrtc-direct')))
})
