// biome-ignore-all lint/suspicious/noThenProperty: what a clock does stands under that name
// A ledger that is made up, for what muniment-status shows of a case, an account and a network: entries in the ledger's own form, and nobody
// is asked.

import {
  type AccountEntry,
  Algorithm,
  accountEntry,
  accountKey,
  type CaseEntry,
  type Client,
  caseEntry,
  caseKey,
  counterNames,
  countersKey,
  decodeProcedure,
  encodeCanonicalJson,
  formatHex,
  lookArguments,
  lookEntry,
  lookKey,
  looksSecret,
  lookTag,
  mandateEntry,
  mandateKey,
  monthOf,
  officeEntry,
  officeKey,
  parseBase64Url,
  serviceKey,
  type Timestamp,
  type TrustedState,
  unmetReceiptsEntry,
  unmetReceiptsKey,
  validatorsEntry,
  validatorsKey,
} from '@muniment/sdk'
import { emptyClient } from './ledger.ts'

const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value)
const at = (days: number): Timestamp => ({ seconds: 1_772_539_200n + BigInt(Math.round(days * 86_400)), nanos: 0 })
const height = 1_234n

export const madeUpCase: Uint8Array = bytes(0x42)
export const madeUpSecret: Uint8Array = bytes(0x51)
export const madeUpAccount: Uint8Array = bytes(0xab)
export const madeUpService = 'civil.birth@1'

const service = encodeCanonicalJson({
  service: madeUpService,
  title: { en: 'Birth entry', ar: 'قيد ميلاد' },
  sector: 'civil',
  basis: [],
  roles: {
    parent: { party: 'any' },
    registrar: { offices: ['registry'], post: 'registrar' },
    supervisor: { offices: ['inspectorate'], post: 'supervisor' },
  },
  fields: [
    { name: 'child', show: 'sealed', type: 'text', keep: 'P3650D', label: { en: 'Child', ar: 'الطفل' } },
    { name: 'parents', show: 'sealed', type: 'text', keep: 'P3650D', label: { en: 'Parents', ar: 'الوالدان' } },
  ],
  states: {
    unique: {
      waits: 'registrar',
      clock: 'P5D',
      then: 'escalate',
      label: { en: 'Waits for the registrar', ar: 'بانتظار المسجل' },
    },
    registered: { waits: 'parent', final: true, label: { en: 'Registered', ar: 'مسجلة' } },
  },
  transitions: {
    declare: { label: { en: 'Declare', ar: 'التصريح' }, to: 'unique', by: ['parent'] },
    register: { label: { en: 'Register', ar: 'التسجيل' }, from: ['unique'], to: 'registered', by: ['registrar'] },
    escalate: { label: { en: 'Handed on', ar: 'الإحالة' }, from: ['unique'], to: 'unique' },
  },
  looks: {
    readEntry: {
      label: { en: 'Look at the names', ar: 'الاطلاع على الأسماء' },
      by: 'registrar',
      fields: ['child', 'parents'],
      reasons: ['correction', 'inquiry'],
    },
  },
})

export type CaseLook = 'none' | 'closed' | 'unseen' | 'looked' | 'late' | 'destroyed' | 'destroy-due'
/** `stopped`: it was under way when this browser looked last. */
export type AccountLook = 'none' | 'running' | 'ready' | 'done' | 'stopped'

type State = Map<string, Uint8Array>

/** A client over entries under their keys; its clock stands at the block that proves them. */
async function clientOf(fill: (state: (key: Uint8Array, value: Uint8Array) => void, client: Client) => void) {
  const client = await emptyClient()
  const values: State = new Map()
  fill((key, value) => values.set(formatHex(key), value), client)
  const head = { height, time: at(10), ageSeconds: 12, witnesses: ['Example Archive', 'Example University'] }
  const given: Partial<Client> = {
    ...client,
    root: { ...client.root, witnesses: { k: 2, keys: [] } },
    status: () => ({ head, isContradicted: false, peers: [{ kind: 'rpc', label: 'made up', state: 'answered' }] }),
    sync: async () => given.status!(),
    read: async keys =>
      ({
        values: keys.map(key => values.get(formatHex(key))),
        header: { height, time: at(10) },
      }) as unknown as TrustedState,
  }
  return given as Client
}

const openCase: CaseEntry = {
  service: madeUpService,
  state: 'unique',
  version: 2n,
  openedHeight: 900n,
  openedTime: at(0),
  eventTime: at(0),
  stateTime: at(7),
  dueTime: at(12),
  pausedSeconds: 0n,
  pausedState: '',
  parties: [{ role: 'parent', account: bytes(3) }],
  facts: new Uint8Array(0),
  committed: bytes(6),
  acts: [],
  visited: ['unique'],
  tags: [],
  assignments: [
    { role: 'registrar', mandate: bytes(0x21), how: 'rota', pool: 5, draw: undefined },
    { role: 'supervisor', mandate: bytes(0x22), how: 'again', pool: 3, draw: undefined },
    {
      role: 'supervisor',
      mandate: new Uint8Array(0),
      how: 'draw',
      pool: 7,
      draw: { poolHash: bytes(1), height: 1_230n, mixHeight: 0n },
    },
  ],
  records: [],
  obligations: [],
  shreddedTime: undefined,
  lateTime: undefined,
  unfollowed: [],
}

const ended = { ...openCase, state: 'registered', dueTime: undefined, assignments: openCase.assignments.slice(0, 1) }
const cases: Readonly<Record<Exclude<CaseLook, 'none'>, CaseEntry>> = {
  closed: openCase,
  unseen: openCase,
  looked: openCase,
  late: { ...openCase, lateTime: at(9), assignments: [] },
  destroyed: { ...ended, shreddedTime: at(9) },
  'destroy-due': { ...ended, stateTime: at(-4_000) },
}

/** One case as the ledger would have it. */
export function caseClient(look: CaseLook): Promise<Client> {
  return clientOf((put, { crypto }) => {
    if (look === 'none') return
    put(caseKey(crypto, madeUpCase), caseEntry.encode(cases[look]))
    put(serviceKey(crypto, madeUpService), service)
    for (const [value, office, role] of [
      [0x21, 'registry', 'registrar'],
      [0x22, 'inspectorate', 'supervisor'],
    ] as const) {
      const mandate = { office, account: bytes(value), role, fromHeight: 1n, untilHeight: 0n }
      put(mandateKey(crypto, bytes(value)), mandateEntry.encode(mandate))
    }
    putOffices(put, crypto)
    if (look === 'looked') putLooks(put, crypto)
  })
}

type Put = (key: Uint8Array, value: Uint8Array) => void

function putOffices(put: Put, crypto: Client['crypto']): void {
  const offices = [
    ['registry', 'Example Civil Registry', 'سجل الأحوال المدنية (مثال)'],
    ['inspectorate', 'Example Inspectorate', 'المفتشية (مثال)'],
  ] as const
  for (const [id, en, ar] of offices) {
    const names = [
      { language: 'en', text: en },
      { language: 'ar', text: ar },
    ]
    put(officeKey(crypto, id), officeEntry.encode({ names, parent: '', types: [], createdHeight: 1n, endedHeight: 0n }))
  }
}

/** Two that fit the case, and one that does not. */
function putLooks(put: Put, crypto: Client['crypto']): void {
  const secret = looksSecret(crypto, madeUpSecret)
  const { looks } = decodeProcedure(service).service
  const looked = { secret, id: madeUpCase, service: madeUpService, looks }
  for (const [place, reason] of ['correction', 'inquiry', 'inquiry'].entries()) {
    const given = { place, look: 'readEntry', mandate: bytes(0x21), reason }
    const { commitment } = lookArguments(crypto, looked, given)
    const entry = {
      ...{ service: madeUpService, look: 'readEntry', office: 'registry', mandate: bytes(0x21) },
      ...{ account: bytes(0x21), reason, height: 1_000n, time: at(8 + place / 2) },
      commitment: place === 2 ? bytes(0) : parseBase64Url(String(commitment)),
    }
    put(lookKey(crypto, lookTag(crypto, secret, place)), lookEntry.encode(entry))
  }
}

/** An account whose keys somebody replaces, or has replaced. */
export function accountClient(look: AccountLook): Promise<Client> {
  const pending = {
    key: { algorithm: Algorithm.ed25519, bytes: bytes(9) },
    passkey: undefined,
    isIdentity: true,
    startedHeight: 1_000n,
    readyTime: at(look === 'running' ? 15 : 9),
    office: '',
  }
  const entry: AccountEntry = {
    keys: [{ key: pending.key, fromHeight: 1n, endedHeight: 0n, passkey: undefined, isIdentity: true }],
    nonceFloor: 1n,
    nonceBits: 0n,
    createdHeight: 1n,
    guardians: undefined,
    recovery: look === 'running' || look === 'ready' ? pending : undefined,
    delegationsEndedHeight: look === 'done' ? 1_200n : 0n,
    actsDay: 0n,
    actsCount: 0n,
  }
  return clientOf((put, { crypto }) => put(accountKey(crypto, madeUpAccount), accountEntry.encode(entry)))
}

/** Validators of whom one broke promises, and a year of one service. */
export function standingClient(): Promise<Client> {
  return clientOf((put, { crypto }) => {
    const members = [bytes(0x31), bytes(0x32)].map(publicKey => ({ publicKey, power: 10n }))
    put(validatorsKey(crypto), validatorsEntry.encode({ members }))
    const newest = [{ transactionId: bytes(1), byHeight: 1_000n, reportedHeight: 1_100n }]
    put(unmetReceiptsKey(crypto, bytes(0x32)), unmetReceiptsEntry.encode({ count: 3n, newest }))
    put(serviceKey(crypto, madeUpService), service)
    putOffices(put, crypto)
    const names = counterNames(decodeProcedure(service))
    const leaf = (figures: Readonly<Record<string, bigint>>): Uint8Array => {
      const view = new DataView(new ArrayBuffer(names.length * 8))
      for (const [place, name] of names.entries()) view.setBigUint64(place * 8, figures[name] ?? 0n)
      return new Uint8Array(view.buffer)
    }
    const month = monthOf(at(10))
    const place = { service: madeUpService, month, apart: '' }
    put(countersKey(crypto, { ...place, office: '-' }), leaf({ opened: 1_204n }))
    put(
      countersKey(crypto, { ...place, office: 'registry' }),
      leaf({ overdue: 7n, corrections: 31n, correctedIn2: 12n, correctedIn8: 19n }),
    )
    put(countersKey(crypto, { ...place, office: 'inspectorate' }), leaf({ opened: 2n }))
  })
}
