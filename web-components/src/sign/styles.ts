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
  .declared {
    white-space: pre-line;
    overflow-wrap: anywhere;
  }
  h4 {
    font-size: 1.0625em;
  }
`
