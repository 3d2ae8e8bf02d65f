// The file that `muniment service new` writes: small, whole, and with a remark wherever its author has to decide something.

/** `id` is a name without version, `culture.museum-card`. It lints clean, and its scenarios pass. */
export function newServiceFile(id: string): string {
  const short = id.split('.').at(-1)!
  return `# Say here in one sentence what the service is for, and what its law wants. Then try it:
#   muniment service lint ${short}.yaml
#   muniment service test ${short}.yaml
service: ${id}@1
title: { en: Example card, ar: بطاقة مثال }
# The type of the documents that it issues; leave it out where it issues none.
type: urn:example:${short}
# The article, and whether an entry is the right itself (constitutive) or shows it (mirror).
basis: [{ eli: /eli/example/2026/1/art-1, from: 2026-01-01, is: mirror }]
# Within a sector a person has one pseudonym, across sectors none in common.
sector: ${id.split('.')[0]}
freshness: 300
roles:
  applicant: { party: any }
  clerk: { offices: [example-office], post: clerk }
  # An appeal goes to another office than the one that refused.
  board: { offices: [example-board], post: member }
  cashier: { offices: [example-treasury], post: cashier }
fields:
  # Public: codes, numbers, days and hashes, never names or free text.
  - { name: cardKind, type: { code: [adult, child] }, show: public, label: { en: Kind of card, ar: نوع البطاقة } }
  # Committed: only a salted hash is on the ledger; "to" is given what opens it, "keep" says for how long.
  - { name: applicant, type: text, show: committed, to: [applicant, clerk], keep: P365D, label: { en: Applicant, ar: مقدم الطلب } }
# Whoever of an office is shown a private field is on record by a look, with a reason; the citizen can list all of them.
looks:
  readApplicant:
    label: { en: Look at the applicant’s name, ar: الاطلاع على اسم مقدم الطلب }
    by: clerk
    fields: [applicant]
    reasons: [application, complaint]
tables:
  # Minor units. A case keeps the rates of the day on which it was opened.
  feeFor:
    in: [cardKind]
    hit: UNIQUE
    basis: /eli/example/2026/1/annex-1
    sets:
      - from: 2026-01-01
        rows: [{ when: { cardKind: child }, gives: 0 }]
        otherwise: 500
states:
  # Whose turn it is, how long he has, and which step is taken when time is up.
  applied: { waits: clerk, clock: P7D, then: escalate, label: { en: Applied for, ar: مطلوبة } }
  escalated: { waits: board, clock: P7D, then: remind, label: { en: With the board, ar: لدى المجلس } }
  current: { waits: applicant, clock: P365D, then: expire, label: { en: In force, ar: سارية } }
  refused: { waits: applicant, clock: P30D, then: close, label: { en: "Refused, appeal open", ar: "مرفوضة، باب التظلم مفتوح" } }
  # "frees": the applicant may open a new case.
  ended: { final: true, frees: true, label: { en: Ended, ar: منتهية } }
transitions:
  apply:
    label: { en: Apply for a card, ar: طلب بطاقة }
    to: applied
    by: [applicant]
    asks: [cardKind]
    takes: [committed]
    # A keyed tag over what may be there once only; the ledger never sees the person.
    unique: [person]
    do:
      - { do: obligations.assess, name: fee, debtor: applicant, creditor: example-treasury, amount: feeFor(fields.cardKind), due: P30D }
  pay:
    label: { en: Record a payment of the fee, ar: تسجيل دفع الرسم }
    from: [applied, escalated]
    by: [cashier]
    do: [{ do: obligations.pay, name: fee }]
  issue:
    label: { en: Issue a card, ar: إصدار بطاقة }
    from: [applied]
    to: current
    by: [clerk]
    # A condition, and what a person is told where it does not hold.
    guards:
      paid:
        if: open('fee') == 0
        code: FEE
        say: { en: The fee is not paid yet., ar: لم يُدفع الرسم بعد. }
    do: [{ do: records.issue, holder: applicant }]
  # Whatever was recorded can be put right, in three steps at most and not by whoever entered it alone; both versions stay provable.
  correct:
    label: { en: Correct a card, ar: تصحيح البطاقة }
    from: [current]
    by: [clerk]
    notBy: [issue]
    asks: [cardKind]
    takes: [committed]
    corrects: true
    reasons: [misspelt, wrong-kind]
    do: [{ do: records.replace, holder: applicant }]
  refuse:
    label: { en: Refuse a card, ar: رفض الطلب }
    from: [applied]
    to: refused
    by: [clerk]
    # Against the applicant: it takes a reason, and an appeal must be open behind it.
    adverse: true
    reasons: [not-entitled]
  appeal:
    label: { en: Appeal to the board, ar: التظلم لدى المجلس }
    from: [refused]
    to: escalated
    by: [applicant]
    appeals: true
  order:
    label: { en: Issue a card by the board, ar: إصدار بقرار المجلس }
    from: [escalated]
    to: current
    by: [board]
    do: [{ do: records.issue, holder: applicant }]
  giveBack:
    label: { en: Give the card back, ar: إعادة البطاقة }
    from: [current]
    to: ended
    by: [applicant]
    do: [{ do: records.revoke }]
  # When the year of "keep" is over, an official destroys what opens the case, and signs that.
  shred:
    label: { en: Destroy what opens the case, ar: إتلاف ما يكشف بيانات الملف }
    from: [ended]
    by: [clerk]
    do: [cases.shred]
  # Steps without "by": a clock takes them.
  escalate:
    label: { en: Handed on because the office was silent, ar: أُحيل لعدم الرد }
    from: [applied]
    to: escalated
  remind:
    label: { en: The board is late, ar: المجلس متأخر }
    from: [escalated]
    to: escalated
  expire:
    label: { en: The year is over, ar: انقضت السنة }
    from: [current]
    to: ended
    do: [{ do: records.revoke }]
  close:
    label: { en: The refusal stands, ar: الرفض نهائي }
    from: [refused]
    to: ended
# By which public codes the counters are kept apart.
stats: { by: [cardKind] }
---
# Stories: every step must be taken in one, and every condition be seen open and closed.
scenarios:
  - name: A card is paid, issued and given back
    steps:
      - { take: apply, by: applicant=ann, fields: { cardKind: adult }, tags: { person: ann } }
      - { take: apply, by: applicant=ann, fields: { cardKind: child }, tags: { person: ann }, closed: unique.person }
      - { take: issue, by: clerk, closed: paid }
      - { take: pay, by: cashier, payment: { amount: 500, receipt: E-1 } }
      - { take: issue, by: clerk }
      - { look: readApplicant, by: clerk, reason: curiosity, closed: reason }
      - { look: readApplicant, by: clerk, reason: application }
      - { expect: { state: current, record: current, open: { fee: 0 }, looks: 1 } }
      - { take: correct, by: clerk, fields: { cardKind: child }, reason: wrong-kind, closed: notBy }
      - { take: correct, by: clerk/2, fields: { cardKind: child }, reason: dislike, closed: reason }
      - { take: correct, by: clerk/2, fields: { cardKind: child }, reason: wrong-kind }
      - { expect: { state: current, records: [replaced, current] } }
      - { take: giveBack, by: applicant=ann }
      - { expect: { state: ended, record: revoked } }
      - { take: shred, by: clerk, closed: keep }
      - { wait: P365D }
      - { take: shred, by: clerk }
      - { expect: { fields: destroyed } }
  - name: A card is refused, ordered by the board after a while, and runs out
    steps:
      - { take: apply, by: applicant=bob, fields: { cardKind: child }, tags: { person: bob } }
      - { take: refuse, by: clerk, reason: dislike, closed: reason }
      - { take: refuse, by: clerk, reason: not-entitled }
      - { take: appeal, by: applicant=bob }
      - { wait: P8D }
      - { take: order, by: board }
      - { wait: P366D }
      - { expect: { state: ended, record: revoked } }
  - name: The office is silent, a refusal stands
    steps:
      - { take: apply, by: applicant=cyd, fields: { cardKind: child }, tags: { person: cyd } }
      - { wait: P8D }
      - { expect: { state: escalated } }
      - { take: apply, by: applicant=dan, fields: { cardKind: child }, tags: { person: dan } }
      - { take: refuse, by: clerk, reason: not-entitled }
      - { wait: P31D }
      - { expect: { state: ended } }
`
}
