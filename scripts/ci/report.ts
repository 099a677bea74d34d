/** What one run of vitest came to. */
export interface Report {
  readonly passed: number
  /** Names of failed tests, and of groups and files that could not be set up. */
  readonly failed: readonly string[]
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
}

/** One step of the CI run as it ended. */
export interface Step {
  readonly name: string
  /** Exit code. */
  readonly code: number
  /** `undefined` for steps that run no tests; `'missing'` where tests should have run and left no report. */
  readonly report: Report | 'missing' | undefined
}

/** A test that may be skipped: in which steps and for what reason. */
export interface AllowedSkip {
  readonly steps: RegExp
  readonly reason: RegExp
  readonly because: string
}

export interface Total {
  readonly passed: number
  /** Everything that counts as a failure, each with its step. */
  readonly failures: readonly string[]
  /** Reasons of skipped tests and how many tests each held back. */
  readonly skips: ReadonlyMap<string, number>
}

/** Sums up the steps. A step that fails without a failed test is a failure itself; so is a test skipped for a reason that is not allowed. */
export function total(steps: readonly Step[], allowed: readonly AllowedSkip[]): Total {
  const reports = steps.map(({ report }) => report).filter((report) => typeof report === 'object')
  const reasons = Map.groupBy(
    reports.flatMap(({ skipped }) => skipped),
    ({ reason }) => reason,
  )
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    failures: steps.flatMap((step) => failuresOf(step, allowed).map((failure) => `${step.name}: ${failure}`)),
    skips: new Map([...reasons].map(([reason, tests]) => [reason, tests.length])),
  }
}

function failuresOf(step: Step, allowed: readonly AllowedSkip[]): readonly string[] {
  const { code, report } = step
  const own = report === 'missing' ? ['left no report'] : report ? [...report.failed, ...refused(step.name, report, allowed), ...empty(report)] : []
  return own.length === 0 && code !== 0 ? [`ended with ${code}`] : own
}

function refused(step: string, { skipped }: Report, allowed: readonly AllowedSkip[]): readonly string[] {
  return skipped
    .filter(({ reason }) => !allowed.some((skip) => skip.steps.test(step) && skip.reason.test(reason)))
    .map(({ name, reason }) => `${name} was skipped (${reason}), which scripts/ci/allowed-skips.ts does not allow`)
}

function empty({ passed, failed }: Report): readonly string[] {
  return passed === 0 && failed.length === 0 ? ['ran no test'] : []
}
