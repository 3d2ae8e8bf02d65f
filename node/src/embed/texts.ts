// The kit's few texts: the example page, the headers, and what whoever puts it on a server must know.

import type { Network } from '@muniment/sdk'
import type { KitOptions } from './kit.ts'

/** A file of the kit, and its hash as Subresource Integrity writes it. */
export type Pinned = { readonly name: string; readonly integrity: string }

type Early = {
  /** What every check loads, asked for beside the script instead of after it. */
  readonly early: readonly Pinned[]
  readonly network: Pick<Network, 'rpc'>
}

export function exampleHtml(script: Pinned, { early, network }: Early): string {
  const connections = serversOf(network).map(
    origin => `\n    <link rel="preconnect" href="${origin}" crossorigin="anonymous" />`,
  )
  const preloads = early.map(
    ({ name, integrity }) =>
      `\n    <link rel="modulepreload" href="./${name}" integrity="${integrity}" crossorigin="anonymous" />`,
  )
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Example page</title>
    <script type="module" src="./${script.name}" integrity="${script.integrity}" crossorigin="anonymous" fetchpriority="high"></script>
    <link rel="preload" as="fetch" href="./network.json" crossorigin="anonymous" fetchpriority="high" />${[...connections, ...preloads].join('')}
  </head>
  <body>
    <main>
      <h1>Example page</h1>
      <muniment-network src="./network.json"></muniment-network>
      <muniment-verify auto>
        <p>Documents are checked by your own browser, and this one could not load what it needs. Try a newer browser, or visit an office.</p>
      </muniment-verify>
    </main>
  </body>
</html>
`
}

/** The strict policy, with just the servers that the network's file names. WebRTC is no matter of a page's policy. */
export function headersText({ rpc }: Pick<Network, 'rpc'>): string {
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    ['connect-src', "'self'", ...serversOf({ rpc })].join(' '),
    "worker-src 'self'",
    "img-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types muniment muniment-lit',
  ]
  return `Content-Security-Policy: ${policy.join('; ')}
Permissions-Policy: camera=(self), publickey-credentials-get=(self)
Referrer-Policy: no-referrer
X-Content-Type-Options: nosniff
Cross-Origin-Opener-Policy: same-origin
Service-Worker-Allowed: /
`
}

/** Origins, each once. */
function serversOf({ rpc }: Pick<Network, 'rpc'>): readonly string[] {
  const others = rpc.filter(address => !address.startsWith('/'))
  return [...new Set(others.map(address => new URL(address).origin))]
}

type ReadmeFacts = KitOptions & { readonly version: string; readonly integrity: Readonly<Record<string, string>> }

export function readmeText({ version, network, verifyPage, integrity }: ReadmeFacts): string {
  const tag = (name: string): string =>
    `<script type="module" src="/muniment/${version}/${name}" integrity="${integrity[name]}" crossorigin="anonymous"></script>`
  return `# Muniment ${version} for pages of ${network.chainId}

Serve this folder as it is, for example below \`/muniment/${version}/\`, and open \`example.html\` there. No file of it asks a server
other than yours and the nodes in \`network.json\`.

A page that checks documents:

\`\`\`html
${tag('verify.js')}
<muniment-network src="/muniment/${version}/network.json"></muniment-network>
<muniment-verify auto>Your browser cannot check documents. Visit an office.</muniment-verify>
\`\`\`

The other lines in the head of \`example.html\` can be pasted too: on a poor line they save a second. They are of this version only.

A page on which people sign; \`verify-page\` is where the finished document is opened:

\`\`\`html
${tag('sign.js')}
<muniment-network src="/muniment/${version}/network.json"></muniment-network>
<muniment-sign verify-page="${escapeAttribute(verifyPage)}" methods="passkey device"></muniment-sign>
\`\`\`

A script of yours says what there is to sign; the element shows it to the person, read back from the very bytes:

\`\`\`js
document.querySelector('muniment-sign').request = {
  service: 'citizen.declaration@1', transition: 'declare', fields: { subject: '…', statement: '…' },
}
\`\`\`

- Send the lines of \`headers.txt\` with your pages. Where you leave out \`'wasm-unsafe-eval'\`, write \`no-wasm\` on \`<muniment-network>\`.
- \`integrity\` pins the script, and the script pins every file that it loads. \`sri.json\` has the hash of each.
- The trust root is inside \`verify.js\` and \`sign.js\`. \`network.json\` holds addresses, and a checkpoint that runs out: renew it in
  time with \`muniment embed\`; a file of another network is refused.
- Each node must allow your pages' origin: \`muniment node --allow-origin https://www.example.gov\`.
- On a site of GOV.UK's, USWDS's, the DSFR's or SGDS's look, \`<link rel="stylesheet" href="/muniment/${version}/theme-govuk.css">\` (or uswds, dsfr,
  sgds, contrast) gives the elements its colours.
- \`<muniment-status></muniment-status>\` in a page of either script shows what the page knows of the network.
- From another host than your pages' the files need \`Access-Control-Allow-Origin\`, and the host a place in \`script-src\`.

With \`offline="/muniment/${version}/offline.js"\` on \`<muniment-network>\` a page that was seen once opens again while every server is dead:
a service worker keeps it. \`Service-Worker-Allowed\` in \`headers.txt\` lets it keep pages outside of this folder.

\`verifier.html\` is the check of a document's proof as one file, for a disk and without a network. Print its SHA-256 (\`sha256sum verifier.html\`)
where people look it up, and let others who made the same kit print it too. It begins at this kit's checkpoint, and runs out with it.

\`licenses.md\` names what is inside.
`
}

function escapeAttribute(text: string): string {
  return text.replace(/[&"<>]/g, character => `&#${character.charCodeAt(0)};`)
}
