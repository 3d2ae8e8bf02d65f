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
  .brief {
    font-variant-numeric: tabular-nums;
  }
`
