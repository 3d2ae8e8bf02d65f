import { type CSSResult, css } from 'lit'

export const recordStyles: CSSResult = css`
  .panel {
    display: grid;
    gap: calc(var(--space) * 0.75);
    grid-template-columns: minmax(0, 1fr);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--bg);
    padding: var(--space);
  }
  .form {
    display: grid;
    gap: calc(var(--space) * 0.5);
    grid-template-columns: minmax(0, 1fr);
  }
  .choice {
    display: grid;
    gap: 0.25rem;
    margin: 0;
    padding: 0;
    border: 0;
    min-inline-size: 0;
  }
  .choice legend {
    padding: 0;
  }
  .field {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) minmax(0, 2fr);
    gap: 0.75rem;
    align-items: baseline;
    padding-block: 0.5rem;
    border-block-start: 1px solid var(--line);
    overflow-wrap: anywhere;
    cursor: pointer;
  }
  .field input {
    inline-size: 1.25rem;
    block-size: 1.25rem;
    align-self: center;
    accent-color: var(--primary);
  }
  .field .name {
    color: var(--muted);
  }
  .way {
    display: grid;
    gap: 0.25rem;
    justify-items: start;
  }
  .kept {
    display: grid;
    list-style: none;
  }
  .kept li {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem;
    align-items: center;
    justify-content: space-between;
    padding-block: 0.75rem;
    border-block-start: 1px solid var(--line);
    overflow-wrap: anywhere;
  }
  .problem {
    border-inline-start: 6px solid var(--invalid);
    padding-inline-start: 0.75rem;
  }
  @media (max-width: 30rem) {
    .field {
      grid-template-columns: auto minmax(0, 1fr);
    }
    .field .value {
      grid-column: 2;
    }
  }
`
