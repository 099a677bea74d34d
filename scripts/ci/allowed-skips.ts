import type { AllowedSkip } from './report.ts'

/** The only tests that may be skipped where CI runs; any other skip there is a failure. */
export const allowedSkips: readonly AllowedSkip[] = [
  { steps: /./, reason: /set PACKAGE=1$/, because: 'the package has a step of its own' },
  { steps: /./, reason: /`npm run crash:long` runs them$/, because: 'the long crash test has a step of its own' },
  { steps: /./, reason: /SHOP_REPLAY_DATA says where it is$/, because: 'the file of a real shop is no part of the project' },
  { steps: /./, reason: /^CONSUL_HTTP_ADDR names no Consul/, because: 'neither npm, Debian nor Maven has the program' },
]
