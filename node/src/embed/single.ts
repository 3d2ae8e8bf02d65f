// verifier.html: one file that checks a document's proof from a disk. Its policy stands inside it, and lets it ask nobody.

import { createHash } from 'node:crypto'

type SingleParts = {
  /** The whole script, the plan in it. */
  readonly script: string
  /** Notices of the parts inside. */
  readonly licenses: string
}

const style = `body {
  margin: 0;
  padding: 1rem;
  font: 1.0625rem/1.55 system-ui, sans-serif;
  color-scheme: light dark;
}
main {
  max-width: 46rem;
  margin: 0 auto;
}
h1 {
  font-size: 1.6rem;
  line-height: 1.25;
}
muniment-verify {
  margin-block: 1.5rem;
}
section {
  border-block-start: 1px solid;
  overflow-wrap: anywhere;
}
h2 {
  font-size: 1.125rem;
}
`

/** The same parts give the same bytes. */
export function singleHtml({ script, licenses }: SingleParts): string {
  const code = asInlineScript(script)
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(code)}' 'wasm-unsafe-eval'`,
    `style-src '${hashOf(style)}'`,
    'img-src blob: data:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types muniment muniment-lit',
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Check a document without a network</title>
<style>${style}</style>
</head>
<body>
<p>This page needs JavaScript, and a browser of 2023 or later.</p>
<script type="module">${code}</script>
</body>
</html>
<!--
${asComment(licenses)}
-->
`
}

/** Throws for what would end the element or change how it is read (HTML, 4.12.1.3). */
function asInlineScript(code: string): string {
  const found = /<(?:!--|script|\/script)/i.exec(code)
  if (found) throw new Error(`a script that holds ${found[0]} can't stand inside a page`)
  return code
}

function asComment(text: string): string {
  return text.replaceAll('--', '- -').replaceAll('>', '&gt;')
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
