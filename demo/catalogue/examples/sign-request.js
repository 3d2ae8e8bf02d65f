// What there is to sign. The element shows it to the person, read back from the bytes that will be signed.
document.querySelector('muniment-sign').request = {
  service: 'citizen.declaration@1',
  transition: 'declare',
  fields: { subject: 'Bees', statement: 'I keep two hives.' },
}
