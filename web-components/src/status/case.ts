// What the ledger proves of one case: everything that is public of it, and who looked at its private content where somebody has its secret.
// Nothing is asked about looks without that.

import {
  type Assignment,
  type CaseEntry,
  type CaseLook,
  type Client,
  caseEntry,
  caseKey,
  check,
  type DrawnBy,
  decodeProcedure,
  findDraw,
  listLooks,
  looksSecret,
  mandateEntry,
  mandateKey,
  type ObligationEntry,
  obligationEntry,
  obligationKey,
  officeEntry,
  officeKey,
  type Procedure,
  type ProvenRead,
  serviceKey,
  type Timestamp,
  VerifyError,
} from '@muniment/sdk'
import { provenBy } from './proven.ts'

/** Names of an office in its languages; empty where the ledger names none. */
export type OfficeNames = Readonly<Record<string, string>>

export type Post = { readonly office: string; readonly role: string }

export type Chosen = {
  readonly assignment: Assignment
  /** Undefined where the ledger has no such mandate. */
  readonly post: Post | undefined
  /** By whom the draw was made, worked out again; `waiting` for one, or `wrong`; undefined where there was none. */
  readonly draw: DrawnBy | 'waiting' | 'wrong' | undefined
}

export type CaseLookFacts = CaseLook & { readonly post: Post | undefined }

export type CaseFacts = {
  readonly entry: CaseEntry
  /** Undefined where this page can't read the service's file. */
  readonly procedure: Procedure | undefined
  /** As the ledger has it, for the names of states. */
  readonly file: Uint8Array
  readonly chosen: readonly Chosen[]
  readonly obligations: readonly ObligationEntry[]
  /** Undefined: nobody has opened them with the secret. */
  readonly looks: readonly CaseLookFacts[] | undefined
  readonly offices: ReadonlyMap<string, OfficeNames>
  /** Of the newest block by which something was proved. */
  readonly time: Timestamp
}

export type CaseQuestion = { readonly id: Uint8Array; readonly secret: Uint8Array | undefined }

/** Undefined: it is proved that there is no such case. Rejects with VerifyError. */
export async function readCase(
  client: Client,
  { id, secret }: CaseQuestion,
  signal: AbortSignal,
): Promise<CaseFacts | undefined> {
  const { crypto } = client
  const { read, time } = provenBy(client, signal)
  const [held] = await read([caseKey(crypto, id)])
  if (!held) return undefined
  const entry = caseEntry.decode(held)
  const [file = new Uint8Array(0)] = await read([serviceKey(crypto, entry.service)])
  const procedure = readProcedure(file)
  const posts = readPosts(read, client)
  const chosen: Chosen[] = []
  for (const assignment of entry.assignments) {
    const draw = await readDraw(read, client, { id, assignment })
    const post = draw === 'waiting' ? undefined : await posts(assignment.mandate)
    chosen.push({ assignment, post, draw })
  }
  const obligations = (await read(entry.obligations.map(name => obligationKey(crypto, id, name)))).flatMap(value =>
    value ? [obligationEntry.decode(value)] : [],
  )
  const looks = secret && (await readLooks(read, client, { id, secret, entry, procedure, posts }))
  const names = [...chosen, ...(looks ?? [])].flatMap(({ post }) => (post ? [post.office] : []))
  const told = (looks ?? []).map(look => look.entry.office)
  const offices = await readOffices(read, client, [...names, ...told])
  return { entry, procedure, file, chosen, obligations, looks, offices, time: time() }
}

/** Files of a later form are not read; the case itself can be shown all the same. */
export function readProcedure(file: Uint8Array): Procedure | undefined {
  try {
    return decodeProcedure(file)
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}

async function readDraw(
  read: ProvenRead,
  { crypto }: Client,
  { id, assignment }: { readonly id: Uint8Array; readonly assignment: Assignment },
): Promise<Chosen['draw']> {
  const { draw, role } = assignment
  if (!draw) return assignment.how === 'draw' ? 'waiting' : undefined
  if (draw.mixHeight === 0n) return 'waiting'
  try {
    return (await findDraw(read, crypto, { id, role })).drawnBy
  } catch (error) {
    if (error instanceof VerifyError && error.code === 'refused') return 'wrong'
    throw error
  }
}

type Posts = (mandate: Uint8Array) => Promise<Post | undefined>

function readPosts(read: ProvenRead, { crypto }: Client): Posts {
  return async mandate => {
    const [found] = await read([mandateKey(crypto, mandate)])
    return found && mandateEntry.decode(found)
  }
}

async function readLooks(
  read: ProvenRead,
  { crypto }: Client,
  of: {
    readonly id: Uint8Array
    readonly secret: Uint8Array
    readonly entry: CaseEntry
    readonly procedure: Procedure | undefined
    readonly posts: Posts
  },
): Promise<readonly CaseLookFacts[]> {
  // Of a file that can't be read no look would seem true.
  check(of.procedure, 'format-unknown', 'the service’s file is of a later form')
  const { looks } = of.procedure.service
  const looked = { secret: looksSecret(crypto, of.secret), id: of.id, service: of.entry.service, looks }
  const found: CaseLookFacts[] = []
  for (const look of await listLooks(read, crypto, looked))
    found.push({ ...look, post: await of.posts(look.entry.mandate) })
  return found
}

export async function readOffices(
  read: ProvenRead,
  { crypto }: Client,
  ids: readonly string[],
): Promise<ReadonlyMap<string, OfficeNames>> {
  const names = new Map<string, OfficeNames>()
  for (const id of new Set(ids)) {
    const [found] = await read([officeKey(crypto, id)])
    if (found)
      names.set(id, Object.fromEntries(officeEntry.decode(found).names.map(({ language, text }) => [language, text])))
  }
  return names
}
