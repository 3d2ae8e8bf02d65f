// The look that the elements share. Every colour, space and type comes from a custom property, whose default is a system
// colour or inherited, so that an element looks at home on a page without a theme.

import { type CSSResult, css, unsafeCSS } from 'lit'

/** Light and dark. */
const colours: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  primary: ['#0b4f8a', '#8cc4ff'],
  'on-primary': ['#fff', '#06192b'],
  focus: ['#0b4f8a', '#ffdd57'],
  valid: ['#0b6b3a', '#7fdca6'],
  'valid-bg': ['#e7f5ec', '#10291c'],
  unknown: ['#875100', '#ffc46b'],
  'unknown-bg': ['#fff5e0', '#2e2210'],
  invalid: ['#b3261e', '#ff9d94'],
  'invalid-bg': ['#fdecea', '#331514'],
  ended: ['#4a4f55', '#c3c8ce'],
  'ended-bg': ['#f0f1f2', '#232629'],
}

function named(choose: (light: string, dark: string) => string): CSSResult {
  const lines = Object.entries(colours).map(
    ([name, [light, dark]]) => `--${name}: var(--muniment-color-${name}, ${choose(light, dark)});`,
  )
  return unsafeCSS(lines.join('\n    '))
}

const either = named((light, dark) => `light-dark(${light}, ${dark})`)
const light = named(colour => colour)

export const tokens: CSSResult = css`
  :host {
    --text: var(--muniment-color-text, CanvasText);
    --muted: var(--muniment-color-muted, color-mix(in srgb, CanvasText 72%, Canvas));
    --bg: var(--muniment-color-bg, Canvas);
    --surface: var(--muniment-color-surface, color-mix(in srgb, CanvasText 4%, Canvas));
    --border: var(--muniment-color-border, color-mix(in srgb, CanvasText 50%, Canvas));
    --line: var(--muniment-color-line, color-mix(in srgb, CanvasText 16%, Canvas));
    ${either}
    --radius: var(--muniment-radius, 0.5rem);
    --space: var(--muniment-space, 1rem);
    --border-width: var(--muniment-border-width, 1px);
    --focus-width: var(--muniment-focus-width, 3px);
    --mono: var(--muniment-font-mono, ui-monospace, monospace);
    display: block;
    color: var(--text);
    font-family: var(--muniment-font, inherit);
    line-height: 1.5;
    max-inline-size: var(--muniment-max-width, 46rem);
  }
  /* Browsers before 2024 can't tell which of both is meant: there an element is light, on a ground of its own. */
  @supports not (color: light-dark(#000, #fff)) {
    :host {
      ${light}
      color-scheme: light;
      background: var(--bg);
    }
  }
  :host([hidden]) {
    display: none;
  }
  * {
    box-sizing: border-box;
  }
  h2,
  h3,
  h4,
  p,
  ul,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }
  h2 {
    font-size: 1.375em;
    line-height: 1.25;
    text-wrap: balance;
  }
  h3 {
    font-size: 1.0625em;
    line-height: 1.3;
  }
  /* Some languages have words that are wider than the narrowest screen. */
  h2,
  h3,
  h4,
  button,
  summary,
  legend,
  label {
    overflow-wrap: anywhere;
  }
  .base {
    display: grid;
    gap: var(--space);
    grid-template-columns: minmax(0, 1fr);
    overflow-wrap: break-word;
  }
  .no-script {
    display: none;
  }
  /* A server drew the element, and no script runs: what the page wrote inside serves. */
  @media (scripting: none) {
    .base > * {
      display: none !important;
    }
    .base > .no-script {
      display: block !important;
    }
  }
  .muted {
    color: var(--muted);
    font-size: 0.9375em;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: calc(var(--space) * 0.75);
    align-items: center;
  }
  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  button,
  .file-label {
    font: inherit;
    font-weight: 600;
    min-block-size: 2.75rem;
    padding: 0.5rem 1.125rem;
    border: max(1px, var(--border-width)) solid var(--primary);
    border-radius: var(--radius);
    background: var(--bg);
    color: var(--primary);
    cursor: pointer;
  }
  button.primary {
    background: var(--primary);
    color: var(--on-primary);
  }
  button:hover {
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }
  button:disabled {
    cursor: default;
    opacity: 0.6;
    text-decoration: none;
  }
  button.plain {
    border-color: transparent;
    background: none;
    padding-inline: 0;
    text-align: start;
  }
  a {
    color: var(--primary);
    text-underline-offset: 0.15em;
  }
  :focus-visible {
    outline: var(--focus-width) solid var(--focus);
    outline-offset: 2px;
  }
  textarea,
  input {
    font: inherit;
    color: inherit;
    background: var(--bg);
    border: max(1px, var(--border-width)) solid var(--border);
    border-radius: var(--radius);
    padding: 0.625rem 0.75rem;
    inline-size: 100%;
  }
  code,
  .code {
    font-family: var(--mono);
    font-size: 0.875em;
    overflow-wrap: anywhere;
  }
  summary {
    cursor: pointer;
    font-weight: 600;
    min-block-size: 1.5rem;
    inline-size: fit-content;
    color: var(--primary);
  }
  details > :not(summary) {
    margin-block-start: calc(var(--space) * 0.5);
  }
  .rows {
    display: grid;
    border-block-start: 1px solid var(--line);
  }
  .row {
    display: grid;
    grid-template-columns: minmax(9rem, 1fr) minmax(0, 2fr);
    gap: 0.125rem var(--space);
    padding-block: 0.5rem;
    border-block-end: 1px solid var(--line);
  }
  .row > dt {
    color: var(--muted);
  }
  .row > dd {
    overflow-wrap: anywhere;
    font-weight: 500;
  }
  .error-summary {
    border: 2px solid var(--invalid);
    border-radius: var(--radius);
    padding: var(--space);
    display: grid;
    gap: 0.25rem;
  }
  .qr {
    inline-size: min(100%, var(--muniment-qr-size, 18rem));
    block-size: auto;
  }
  progress {
    inline-size: 100%;
    block-size: 0.5rem;
    accent-color: var(--primary);
  }
  @media (max-width: 30rem) {
    .row {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @media (forced-colors: active) {
    button.primary {
      border-width: 2px;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .appear {
      animation: appear 160ms ease-out;
    }
  }
  @keyframes appear {
    from {
      opacity: 0;
      translate: 0 4px;
    }
  }
  .only-print {
    display: none;
  }
  @media print {
    .no-print {
      display: none !important;
    }
    .only-print {
      display: block;
    }
    details::details-content {
      content-visibility: visible;
      block-size: auto;
    }
  }
`
