/** The rooms of the house from the ground up. A file may import its own room and rooms with a lower number. */
export const order: Readonly<Record<string, number>> = {
  kernel: 0,
  model: 1,
  store: 2,
  observe: 2,
  events: 3,
  messaging: 3,
  network: 3,
  cache: 3,
  limits: 3,
  security: 3,
  work: 4,
  gateway: 5,
  runtime: 6,
  testing: 7,
  design: 7,
  deploy: 7,
  cli: 8,
}

/** Imports between rooms of one number, each with its reason. */
export const neighbours: readonly { readonly from: string; readonly to: string; readonly because: string }[] = [
  { from: 'network', to: 'security', because: 'the identity that travels with a call is signed and verified at its ends' },
]
