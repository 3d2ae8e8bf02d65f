import { type CSSResult, css } from 'lit'

export const signStyles: CSSResult = css`
  .panel {
    display: grid;
    gap: calc(var(--space) * 0.75);
    grid-template-columns: minmax(0, 1fr);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--bg);
    padding: calc(var(--space) * 1.25);
  }
  .panel.done {
    border-color: var(--valid);
    border-inline-start-width: 6px;
    background: var(--valid-bg);
  }
  .panel.error {
    border-color: var(--invalid);
    border-inline-start-width: 6px;
  }
  .phase-heading {
    font-size: 1.25em;
    line-height: 1.3;
    text-wrap: balance;
    outline-offset: 4px;
  }
  .done .phase-heading {
    color: var(--valid);
  }
  .panel.done.alone {
    border-color: var(--unknown);
    background: var(--unknown-bg);
  }
  .done.alone .phase-heading {
    color: var(--unknown);
  }
  .error .phase-heading {
    color: var(--invalid);
  }
  .methods {
    display: grid;
    gap: calc(var(--space) * 0.5);
    margin: 0;
    padding: 0;
    border: 0;
    min-inline-size: 0;
  }
  .methods legend {
    font-weight: 600;
    margin-block-end: calc(var(--space) * 0.5);
    padding: 0;
  }
  .method {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.75rem;
    align-items: start;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--bg);
    padding: calc(var(--space) * 0.75);
    cursor: pointer;
  }
  .method:has(:checked) {
    border-color: var(--primary);
    box-shadow: inset 0 0 0 1px var(--primary);
  }
  .method:has(:disabled) {
    cursor: default;
  }
  .method input {
    inline-size: 1.25rem;
    block-size: 1.25rem;
    margin-block-start: 0.125rem;
    accent-color: var(--primary);
  }
  .method .muted {
    display: block;
  }
  .signers {
    display: grid;
    gap: calc(var(--space) * 0.5);
    list-style: none;
  }
  ul.signers > li {
    display: grid;
    gap: 0.125rem;
    border-inline-start: 4px solid var(--border);
    padding-inline-start: 0.75rem;
  }
  ul.signers > .signed {
    border-color: var(--valid);
  }
  ul.signers > .declined,
  ul.signers > .void {
    border-color: var(--invalid);
  }
  .fields {
    display: grid;
    gap: calc(var(--space) * 0.5);
    grid-template-columns: minmax(0, 1fr);
  }
  .notice {
    border-inline-start: 4px solid var(--invalid);
    background: var(--invalid-bg);
    border-radius: var(--radius);
    padding: calc(var(--space) * 0.75);
    font-weight: 500;
  }
  .notice.advice {
    border-color: var(--unknown);
    background: var(--unknown-bg);
  }
  .comparison {
    display: grid;
    gap: 0.125rem;
    border-inline-start: 4px solid var(--primary);
    padding-inline-start: 0.75rem;
  }
  .comparison .code {
    font-size: 1.375em;
  }
  a.button {
    display: inline-block;
    font-weight: 600;
    padding: 0.625rem 1.125rem;
    border-radius: var(--radius);
    background: var(--primary);
    color: var(--on-primary);
    text-decoration: none;
  }
  a.button:hover {
    text-decoration: underline;
  }
  .qr {
    inline-size: min(100%, var(--muniment-qr-size, 18rem));
    block-size: auto;
  }
  .declared {
    white-space: pre-line;
    overflow-wrap: anywhere;
  }
  h4 {
    font-size: 1.0625em;
  }
`
