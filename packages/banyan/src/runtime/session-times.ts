import type { Duration } from '../kernel/duration.ts'

/** How long sessions last where `oidc` does not say. */
export const sessionTimes: { readonly idle: Duration; readonly lasting: Duration } = { idle: '30m', lasting: '12h' }
