// Every look of the elements, from made-up verdicts: `?code=revoked&lang=ar`. No network is asked. What is shown comes from
// a client that answers whatever the page's address asks for.

import {
  Algorithm,
  type Client,
  type Contradiction,
  kindOf,
  RecordStatus,
  type Step,
  type StepCode,
  stepCodes,
  type Verdict,
  type VerdictCode,
  verdictKinds,
} from '@muniment/sdk'
import { type MunimentNetwork, setMessages } from '@muniment/web-components'

const query = new URLSearchParams(location.search)
const language = query.get('lang') ?? 'en'
const code = (query.get('code') ?? '') as VerdictCode | 'busy' | ''
document.documentElement.lang = language
document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr'
setMessages('en', {})

const issued = { seconds: 1_772_539_200n, nanos: 0 }
const later = { seconds: 1_773_539_200n, nanos: 0 }
const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value)
const office = { en: 'Example Land Registry', ar: 'السجل العقاري (مثال)' }

const failedSteps: Partial<Record<VerdictCode, StepCode>> = {
  unreadable: 'read',
  'format-unknown': 'format',
  'wrong-network': 'format',
  'disclosure-bad': 'disclosures',
  changed: 'anchored',
  'no-such-record': 'anchored',
  pending: 'anchored',
  'signature-bad': 'signature',
  'issuer-unknown': 'issuer',
  'issuer-not-allowed': 'issuer',
  replaced: 'not-revoked',
  revoked: 'not-revoked',
  suspended: 'not-revoked',
  expired: 'dates',
  'not-yet-valid': 'dates',
  'holder-mismatch': 'holder',
}
const statuses: Partial<Record<VerdictCode, number>> = {
  revoked: RecordStatus.revoked,
  replaced: RecordStatus.replaced,
  suspended: RecordStatus.suspended,
}

const nodes = ['https://one.example/rpc/', `https://${'a-long-name.'.repeat(6)}example/rpc/`]
const contradiction: Contradiction = {
  kind: 'lunatic',
  blocks: [
    { height: 1_234n, hash: bytes(0x1f), source: nodes[0]! },
    { height: 1_234n, hash: bytes(0xe2), source: nodes[1]! },
  ],
  signedBoth: [bytes(9).subarray(0, 20)],
  evidence: [],
  sentTo: nodes,
  takenBy: [],
}

function stepsOf(verdict: VerdictCode): readonly Step[] {
  const kind = kindOf(verdict)
  const passed = kind === 'valid' || kind === 'stale' || verdict === 'single-operator'
  const at = passed ? stepCodes.length : stepCodes.indexOf(failedSteps[verdict] ?? 'header')
  return stepCodes.map((step, place) => ({
    code: step,
    state:
      step === 'holder' && at !== place
        ? 'skipped'
        : place < at
          ? 'pass'
          : place > at
            ? 'skipped'
            : kind === 'unknown'
              ? 'unknown'
              : 'fail',
  }))
}

function verdictOf(verdict: VerdictCode): Verdict {
  const steps = stepsOf(verdict)
  const anchored = steps.find(step => step.code === 'anchored')!.state === 'pass'
  const headed = steps.find(step => step.code === 'header')!.state === 'pass'
  const change = {
    height: 5n,
    mandate: bytes(1),
    reason: '',
    appealUntil: undefined,
    status: RecordStatus.current,
    time: issued,
  }
  const status = statuses[verdict]
  const changes = status ? [change, { ...change, status, time: later, reason: 'conditions-not-kept' }] : [change]
  const issuer = 'urn:muniment:example-1:office:land-registry'
  return {
    kind: kindOf(verdict),
    code: verdict,
    asOf: headed ? { height: 1_234n, time: later, ageSeconds: 12 } : undefined,
    sources: headed ? ['/ip4/127.0.0.1/udp/4001/webrtc-direct/certhash/uEiExample/p2p/12D3KooWExample'] : [],
    signedPower: { signed: 10n, total: 10n },
    trusted: [
      { role: 'page', origin: location.origin },
      { role: 'checkpoint', k: 2, n: 3, height: 2n },
      ...(headed
        ? ([
            { role: 'validators', count: 1, signed: 10n, total: 10n },
            { role: 'witnesses', names: [], asked: 0 },
            { role: 'issuer', issuer, names: office },
          ] as const)
        : []),
    ],
    steps,
    record: anchored
      ? {
          key: bytes(7),
          entry: {
            issuer,
            type: bytes(2),
            service: 'land.title@1',
            mandate: bytes(1),
            account: bytes(3),
            key: { algorithm: Algorithm.ed25519, bytes: bytes(4) },
            changes,
            validFrom: undefined,
            validUntil: undefined,
            successor: new Uint8Array(0),
            predecessor: new Uint8Array(0),
          },
          issuerNames: office,
          type: 'urn:example:land-title',
          typeTitle: { en: 'Land title', ar: 'سند ملكية الأرض' },
          fields: [
            { name: 'parcel', label: { en: 'Parcel', ar: 'القطعة' }, value: '12/345' },
            { name: 'area', label: { en: 'Area (m²)', ar: 'المساحة (م²)' }, value: 800 },
            {
              name: 'owner',
              label: { en: 'Owner', ar: 'المالك' },
              value: `Example owner A \u202e<b>${'x'.repeat(60)}`,
            },
          ],
          hiddenCount: 2,
        }
      : undefined,
    evidence: 'What was refused, in one sentence.',
    ...(verdict === 'peers-disagree' ? { contradictions: [contradiction] } : {}),
  }
}

const client = {
  contradictions: async () => [{ ...contradiction, takenBy: [nodes[1]!] }],
  async verifyRecord(
    _input: unknown,
    options: { readonly onSteps?: (steps: readonly Step[]) => void; readonly signal?: AbortSignal },
  ) {
    const running = stepCodes.map(
      (step, place): Step => ({ code: step, state: place < 3 ? 'pass' : place === 3 ? 'running' : 'waiting' }),
    )
    options.onSteps?.(running)
    if (code === 'busy')
      await new Promise((_, reject) => options.signal?.addEventListener('abort', () => reject(options.signal?.reason)))
    return verdictOf(code as VerdictCode)
  },
} as unknown as Client

document.querySelector<MunimentNetwork>('muniment-network')!.client = client
const verify = document.createElement('muniment-verify')
verify.name = 'receipt'
document.querySelector('#form')!.append(verify)
if (code === 'busy' || code in verdictKinds) verify.verify('made up')
if (query.has('problem')) verify.verify('')
