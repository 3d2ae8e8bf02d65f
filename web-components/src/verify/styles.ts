import { type CSSResult, css } from 'lit'

export const verifyStyles: CSSResult = css`
  .destroyed {
    margin-block-end: var(--space);
    padding-inline-start: 0.75rem;
    border-inline-start: 0.25rem solid var(--line);
  }
  .form {
    display: grid;
    gap: calc(var(--space) * 0.75);
  }
  label.text-label {
    display: block;
    font-weight: 600;
    margin-block-end: 0.375rem;
  }
  textarea {
    display: block;
    resize: vertical;
    min-block-size: 5.5rem;
    font-family: var(--mono);
    font-size: 0.875em;
    overflow-wrap: anywhere;
  }
  .dropzone {
    position: relative;
    border: 2px dashed var(--border);
    border-radius: var(--radius);
    background: var(--surface);
    padding: var(--space);
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem var(--space);
    align-items: center;
  }
  :host(:state(dragging)) .dropzone {
    border-style: solid;
    border-color: var(--primary);
  }
  /* Before Chromium 125; a rule of its own, for where one name is not known the whole rule is dropped. */
  :host(:--dragging) .dropzone {
    border-style: solid;
    border-color: var(--primary);
  }
  .camera {
    display: grid;
    gap: calc(var(--space) * 0.75);
    justify-items: start;
  }
  video {
    display: block;
    inline-size: min(100%, 28rem);
    aspect-ratio: 4 / 3;
    object-fit: cover;
    border: 2px solid var(--border);
    border-radius: var(--radius);
    background: #000;
  }
  .file-label {
    display: inline-flex;
    align-items: center;
  }
  .file-label:hover {
    text-decoration: underline;
  }
  .file:focus-visible + .file-label {
    outline: var(--focus-width) solid var(--focus);
    outline-offset: 2px;
  }
  .verdict {
    --tone: var(--unknown);
    --tone-bg: var(--unknown-bg);
    border: 1px solid var(--tone);
    border-inline-start-width: 6px;
    border-radius: var(--radius);
    background: var(--tone-bg);
    padding: calc(var(--space) * 1.25);
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.375rem var(--space);
    align-items: start;
  }
  .verdict.good {
    --tone: var(--valid);
    --tone-bg: var(--valid-bg);
  }
  .verdict.bad {
    --tone: var(--invalid);
    --tone-bg: var(--invalid-bg);
  }
  .verdict.ended {
    --tone: var(--ended);
    --tone-bg: var(--ended-bg);
  }
  .verdict svg {
    inline-size: 2.5rem;
    block-size: 2.5rem;
    color: var(--tone);
    grid-row: span 2;
  }
  .verdict-heading {
    font-size: 1.375em;
    line-height: 1.25;
    color: var(--tone);
    text-wrap: balance;
    margin-block: 0.25rem;
    outline-offset: 4px;
  }
  .compact {
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--bg);
  }
  .compact > summary {
    inline-size: auto;
    padding: calc(var(--space) * 0.5) var(--space);
  }
  .compact > .inside {
    display: grid;
    gap: var(--space);
    grid-template-columns: minmax(0, 1fr);
    margin: 0;
    padding: var(--space);
    border-block-start: 1px solid var(--line);
  }
  .line {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 0.25rem 0.625rem;
    align-items: center;
    vertical-align: middle;
    max-inline-size: calc(100% - 1.5rem);
    color: var(--unknown);
  }
  .line.good {
    color: var(--valid);
  }
  .line.bad {
    color: var(--invalid);
  }
  .line.ended {
    color: var(--ended);
  }
  .line svg {
    inline-size: 1.5rem;
    block-size: 1.5rem;
  }
  .lacking {
    border-inline-start: 6px solid var(--unknown);
    padding-inline-start: 0.75rem;
  }
  section {
    display: grid;
    gap: calc(var(--space) * 0.5);
    grid-template-columns: minmax(0, 1fr);
  }
  .section-heading {
    font-size: 1.0625em;
    line-height: 1.3;
    margin-block-start: calc(var(--space) * 0.5);
  }
  .columns {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr));
    gap: var(--space) calc(var(--space) * 2.5);
    align-items: start;
  }
  .columns > div {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space);
  }
  .steps,
  .trusted {
    list-style: none;
    display: grid;
    gap: var(--muniment-step-gap, 0.375rem);
  }
  .plain {
    list-style: none;
    display: grid;
    gap: 0.25rem;
  }
  .trusted {
    list-style: disc;
    padding-inline-start: 1.25rem;
  }
  .step {
    display: grid;
    grid-template-columns: 1.25rem minmax(0, 1fr) auto;
    gap: 0.625rem;
    align-items: center;
  }
  .step svg {
    inline-size: 1.25rem;
    block-size: 1.25rem;
  }
  .step.pass svg {
    color: var(--valid);
  }
  .step.fail svg {
    color: var(--invalid);
  }
  .step.unknown svg {
    color: var(--unknown);
  }
  .step.waiting,
  .step.skipped {
    color: var(--muted);
  }
  .step-state {
    color: var(--muted);
    font-size: 0.875em;
  }
  .step.fail .step-state {
    color: var(--invalid);
    font-weight: 600;
  }
  .step.unknown .step-state {
    color: var(--unknown);
    font-weight: 600;
  }
  @media (max-width: 30rem) {
    .verdict {
      grid-template-columns: minmax(0, 1fr);
      padding: var(--space);
    }
    .verdict svg {
      grid-row: auto;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .step.running svg {
      animation: turn 1s linear infinite;
    }
  }
  @keyframes turn {
    to {
      rotate: 1turn;
    }
  }
  @media print {
    .verdict {
      break-inside: avoid;
      background: none;
    }
  }
`
