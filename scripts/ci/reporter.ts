import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule, TestSuite } from 'vitest/node'
import type { Report } from './report.ts'

/** A vitest reporter that writes what one run came to as JSON to the file named by REPORT. Unlike the built-in one it keeps the reasons of skips. */
export default class CiReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { readonly message?: string }[]): void {
    const path = process.env['REPORT']
    if (path === undefined) throw new Error('REPORT does not name a file to write to')
    writeFileSync(path, JSON.stringify(summary(modules, unhandled)))
  }
}

function summary(modules: readonly TestModule[], unhandled: readonly { readonly message?: string }[]): Report {
  const report = { passed: 0, failed: unhandled.map(({ message }) => `outside of tests: ${message}`), skipped: [] as Report['skipped'][number][] }
  for (const module of modules) {
    for (const group of [module, ...module.children.allSuites()]) if (group.errors().length > 0) report.failed.push(nameOf(group))
    for (const test of module.children.allTests()) {
      const name = `${module.relativeModuleId} > ${test.fullName}`
      const result = test.result()
      if (result.state === 'passed') report.passed += 1
      else if (result.state === 'failed') report.failed.push(name)
      else if (result.state === 'pending') report.failed.push(`${name} (it never ended)`)
      else if (!broken(test.parent)) report.skipped.push({ name, reason: result.note ?? 'no reason given' })
    }
  }
  return report
}

/** Whether tests are skipped because the group around them could not be set up, which is told already. */
function broken(group: TestModule | TestSuite): boolean {
  return group.errors().length > 0 || (group.type === 'suite' && broken(group.parent))
}

function nameOf(group: TestModule | TestSuite): string {
  const [error] = group.errors()
  const name = group.type === 'module' ? group.relativeModuleId : `${group.module.relativeModuleId} > ${group.fullName}`
  return `${name}: ${error?.message.split('\n')[0]}`
}
