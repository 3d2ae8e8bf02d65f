import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatIp, type IpScope, ipScope, parseIp } from './ip.ts'

test('an address is read and written back in its one spelling', () => {
  const spellings: readonly [string, string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8:0000:0001:0000:0000:0000:0001', '2001:db8:0:1::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['0:0:1::', '0:0:1::'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
  ]
  for (const [text, canonical] of spellings) assert.equal(formatIp(parseIp(text)!), canonical, text)
})

test('every address of 4 or 16 bytes comes back as it was', () => {
  const zeroish = fc.oneof(fc.constant(0), fc.nat(255))
  const addresses = fc.oneof(...[4, 16].map(length => fc.array(zeroish, { minLength: length, maxLength: length })))
  fc.assert(
    fc.property(addresses, bytes => assert.deepEqual([...parseIp(formatIp(Uint8Array.from(bytes)))!], bytes)),
    { numRuns: 2_000 },
  )
})

test('what is no IP literal is not taken for one', () => {
  const texts = [
    ...['', 'localhost', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4 ', '0x7f.1', '2130706433', '1.2.3.-4'],
    ...['1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1::2::3', '1:2:3:4:5:6:7::8', ':1', '12345::', 'g::', '::ffff:1.2.3.4'],
    ...['fe80::1%eth0', '[::1]', ':', ':::'],
  ]
  for (const text of texts) assert.equal(parseIp(text), undefined, text)
})

test('addresses of a home, of this machine and of nobody are told from those of the world', () => {
  const scopes: Readonly<Record<IpScope, readonly string[]>> = {
    public: ['8.8.8.8', '172.32.0.1', '172.15.0.1', '100.63.0.1', '192.169.0.1', '2a00::1', '2001:db8::1'],
    private: ['10.0.0.1', '172.16.0.1', '172.31.9.9', '192.168.1.1', '169.254.1.1', '100.64.0.1', 'fd00::1', 'fe80::1'],
    loopback: ['127.0.0.1', '127.255.0.1', '::1'],
    unusable: [
      '0.0.0.0',
      '0.1.2.3',
      '224.0.0.1',
      '239.1.1.1',
      '255.255.255.255',
      '::',
      'ff02::1',
      '::ffff:7f00:1',
      '64:ff9b::1',
      '2002:7f00:1::',
    ],
  }
  for (const [scope, texts] of Object.entries(scopes))
    for (const text of texts) assert.equal(ipScope(parseIp(text)!), scope, text)
})
