// The one trusted-types policy of the elements, `muniment`. It passes addresses of scripts that our own code names, and no others
// (security rule 31).

type Policy = { readonly createScriptURL: (address: string) => string }
type Policies = { readonly createPolicy: (name: string, rules: Policy) => Policy }

let policy: Policy | undefined
let passing = ''

/** The address as a sink takes it where the page requires trusted types. Throws where the page's policy refuses ours. */
export function trustedScript({ href }: URL): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: Policies }
  policy ??= trustedTypes?.createPolicy('muniment', { createScriptURL: onlyPassing })
  if (policy === undefined) return href
  passing = href
  try {
    return policy.createScriptURL(href)
  } finally {
    passing = ''
  }
}

/** Whoever else gets hold of the policy passes nothing by it. */
function onlyPassing(address: string): string {
  if (address !== passing) throw new TypeError('this policy passes scripts of the elements only')
  return address
}
