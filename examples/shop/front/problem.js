/** A refusal or failure of the shop: problem details (RFC 9457). */
export class Problem extends Error {
  constructor({ status = 0, code = 'unavailable', detail = '', retryable = false, issues = [], details = {} } = {}) {
    super(detail)
    Object.assign(this, { status, code, retryable, issues, details })
  }
}

/** What no answer at all amounts to. */
export const silence = new Problem({ code: 'unavailable', retryable: true })

/** A problem in the customer's words. */
export function inWords(problem) {
  if (!(problem instanceof Problem)) return 'Something went wrong on this page. Load it again.'
  return words[problem.code]?.(problem) ?? problem.message
}

const words = {
  unauthenticated: () => 'Please log in first.',
  forbidden: () => 'This is somebody else’s business.',
  NotFound: () => 'There is no such thing here.',
  NotYours: () => 'This is somebody else’s order.',
  TooLate: ({ details }) => `It is too late for that: the order is ${details.status ?? 'on its way'} already.`,
  UnknownProduct: ({ details }) => `We do not sell ${details.sku} any more. Take it out of the basket to order the rest.`,
  EmailTaken: ({ details }) => `There is an account for ${details.email} already. Log in instead.`,
  WrongCredentials: () => 'Address and password do not belong together.',
  WrongCode: () => 'That is not the code, or it was used already. Wait for the next one.',
  ChallengeRefused: () => 'That took too long, or too many tries. Log in once more.',
  TooManyTries: ({ details }) => `Too many wrong codes. Try again in ${Math.ceil(details.seconds / 60)} minutes.`,
  key_reused: () => 'This order has been placed already. Look at your orders.',
  invalid_input: ({ issues }) => `That cannot be right: ${issues.map(({ path, message }) => `${path.slice(1) || 'it'} ${message}`).join('; ')}.`,
  overloaded: () => 'The shop is full at the moment. Try again in a few seconds.',
  unavailable: () => 'The shop does not answer at the moment. Nothing is lost; try again.',
  deadline_exceeded: () => 'The shop took too long to answer. Try again: nothing is ordered twice.',
  draining: () => 'The shop is starting again. Try again in a moment.',
  internal: () => 'The shop made a mistake. It has been written down; try again later.',
}
