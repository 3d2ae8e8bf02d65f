import { type CSSResult, css } from 'lit'

export const statusStyles: CSSResult = css`
  .headline {
    display: grid;
    grid-template-columns: 1.5rem minmax(0, 1fr);
    gap: 0.5rem;
    align-items: start;
  }
  .headline svg {
    inline-size: 1.5rem;
    block-size: 1.5rem;
  }
  .confirmed svg,
  .checked svg {
    color: var(--valid);
  }
  .alone svg,
  .offline svg,
  .unproved svg {
    color: var(--unknown);
  }
  .contradiction svg {
    color: var(--invalid);
  }
  .idle svg,
  .asking svg {
    color: var(--muted);
  }
  .list {
    list-style: none;
  }
  :host([compact]) .base {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem var(--space);
    font-size: 0.9375em;
  }
  :host([compact]) .headline {
    flex: 1 1 16rem;
  }
  .field,
  .told {
    display: grid;
    gap: 0.5rem;
    grid-template-columns: minmax(0, 1fr);
  }
  .field label {
    font-weight: 600;
  }
  .wrong {
    color: var(--invalid);
    font-weight: 600;
  }
  .wrong:empty {
    display: none;
  }
  .items {
    list-style: none;
    border-block-start: 1px solid var(--line);
  }
  .item {
    padding-block: 0.5rem;
    border-block-end: 1px solid var(--line);
    overflow-wrap: anywhere;
  }
  .item > p:first-child:not(:only-child) {
    font-weight: 600;
  }
  .warning {
    padding-inline-start: 0.75rem;
    border-inline-start: 0.25rem solid var(--unknown);
  }
  .brief {
    font-variant-numeric: tabular-nums;
  }
`
