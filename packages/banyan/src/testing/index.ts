export { given, type Deciding, type Given, type Verdict } from './given.ts'
export type { Refusal, Then } from './scenario.ts'
export { testInstallation, type TestInstallation } from './installation.ts'
export { crashPoints, type CrashPoint } from '../kernel/crash-point.ts'
