// Made-up verdicts, one for every code, and clients that answer with them and ask nobody: for the catalogue and for tests of looks.

import {
  Algorithm,
  type Client,
  type ClientStatus,
  type Contradiction,
  kindOf,
  type PeerStatus,
  RecordStatus,
  type Step,
  type StepCode,
  stepCodes,
  type Verdict,
  type VerdictCode,
  VerifyError,
} from '@muniment/sdk'

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

export function madeUpVerdict(verdict: VerdictCode): Verdict {
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
      { role: 'page', origin: 'https://www.example.gov' },
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
            case: new Uint8Array(0),
            holder: new Uint8Array(0),
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

const running = stepCodes.map(
  (step, place): Step => ({ code: step, state: place < 3 ? 'pass' : place === 3 ? 'running' : 'waiting' }),
)

/** A client that answers each check with this verdict; `busy` never answers. */
export function verifyingClient(code: VerdictCode | 'busy'): Client {
  const client: Pick<Client, 'contradictions' | 'verifyRecord' | 'status' | 'close'> = {
    close: async () => undefined,
    contradictions: async () => [{ ...contradiction, takenBy: [nodes[1]!] }],
    status: () => ({ head: undefined, isContradicted: false, peers: [] }),
    async verifyRecord(_input, options = {}) {
      options.onSteps?.(running)
      if (code !== 'busy') return madeUpVerdict(code)
      return new Promise((_, reject) => options.signal?.addEventListener('abort', () => reject(options.signal?.reason)))
    },
  }
  return client as Client
}

export type StatusLook =
  | 'idle'
  | 'asking'
  | 'confirmed'
  | 'alone'
  | 'checked'
  | 'offline'
  | 'contradiction'
  | 'unproved'

/** A client of which `muniment-status` shows this state, those that end in a failure once it is asked. */
export function statusClient(look: StatusLook): Client {
  const names = ['Example Archive', 'Example University']
  const seen: PeerStatus['state'] = look === 'offline' ? 'silent' : look === 'idle' ? 'not-asked' : 'answered'
  const witnesses = look === 'confirmed' ? names : []
  const known = !['idle', 'asking', 'offline'].includes(look)
  const status: ClientStatus = {
    head: known ? { height: 1_234n, time: later, ageSeconds: 12, witnesses } : undefined,
    isContradicted: false,
    peers: [
      { kind: 'webrtc', label: nodes[0]!, state: seen },
      { kind: 'rpc', label: nodes[1]!, state: 'not-asked' },
    ],
  }
  const client: Pick<Client, 'root' | 'status' | 'sync' | 'close'> = {
    close: async () => undefined,
    root: {
      chainId: 'example-1',
      genesisHash: bytes(5),
      checkpointKeys: { k: 1, keys: [bytes(1)] },
      witnesses: { k: look === 'checked' ? 0 : 2, keys: names.map((name, place) => ({ name, key: bytes(place + 1) })) },
      trustLevel: { numerator: 2n, denominator: 3n },
      trustingPeriodSeconds: 86_400,
    },
    status: () => status,
    async sync() {
      if (look === 'asking') return new Promise(() => undefined)
      if (look === 'contradiction') throw new VerifyError('conflicting-headers', 'made up')
      if (look === 'unproved') throw new VerifyError('invalid-proof', 'made up')
      return status
    },
  }
  return client as Client
}
