// Record links, altered the way a forger would. Written against the format, not with the code that is tested.

type Json = { readonly [name: string]: unknown }

/** Splits `1/CHAIN/KEY/HEIGHT/DOCUMENT`; a document is `JWT~disclosure~…~`. */
function split(link: string): { readonly head: string; readonly jwt: string; readonly disclosures: readonly string[] } {
  const at = link.lastIndexOf('/') + 1
  const [jwt, ...disclosures] = link.slice(at).split('~').slice(0, -1)
  return { head: link.slice(0, at), jwt: jwt!, disclosures }
}

function join({ head, jwt, disclosures }: ReturnType<typeof split>): string {
  return `${head}${[jwt, ...disclosures].join('~')}~`
}

/** The link with one disclosed value replaced by another, salt and name kept. */
export function withValue(link: string, name: string, value: unknown): string {
  const parts = split(link)
  const disclosures = parts.disclosures.map(text => {
    const disclosure = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string, unknown]
    if (disclosure[1] !== name) return text
    return Buffer.from(JSON.stringify([disclosure[0], name, value])).toString('base64url')
  })
  return join({ ...parts, disclosures })
}

/** The link with only the named fields shown. */
export function withOnly(link: string, names: readonly string[]): string {
  const parts = split(link)
  const shown = parts.disclosures.filter(text =>
    names.includes((JSON.parse(Buffer.from(text, 'base64url').toString()) as string[])[1]!),
  )
  return join({ ...parts, disclosures: shown })
}

/** The link with one character of the issuer-signed JWT replaced by another that base64url knows. */
export function withFlippedCharacter(link: string, share: number): string {
  const parts = split(link)
  const at = Math.floor(parts.jwt.length * share)
  const before = parts.jwt[at]!
  const after = before === 'A' ? 'B' : before === '.' ? '_' : 'A'
  return join({ ...parts, jwt: parts.jwt.slice(0, at) + after + parts.jwt.slice(at + 1) })
}

/** The link with a member of the JWT's payload changed, and the old signature. */
export function withPayload(link: string, change: Json): string {
  const parts = split(link)
  const [header, payload, signature] = parts.jwt.split('.')
  const members = { ...(JSON.parse(Buffer.from(payload!, 'base64url').toString()) as Json), ...change }
  const ordered = Object.fromEntries(Object.entries(members).sort(([left], [right]) => (left < right ? -1 : 1)))
  const jwt = [header, Buffer.from(JSON.stringify(ordered)).toString('base64url'), signature].join('.')
  return join({ ...parts, jwt })
}

export function documentOf(link: string): string {
  return link.slice(link.lastIndexOf('/') + 1)
}
