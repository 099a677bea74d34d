/**
 * Prints what the steps of a CI run came to and ends with `N passed, N failed`; the exit code is 0 when nothing failed. Its argument is a
 * file with a line for each step: name, exit code and the path of its report (`-`: none), separated by tabs.
 */
import { existsSync, readFileSync } from 'node:fs'
import { allowedSkips } from './allowed-skips.ts'
import { type Report, type Step, total } from './report.ts'

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('node scripts/ci/tally.ts <file>')
const steps = readFileSync(path, 'utf8').split('\n').filter(Boolean).map(read)
// outside of CI a machine may lack what a test needs
const { passed, failures, skips } = total(steps, process.env['CI'] === 'true' ? allowedSkips : [{ steps: /./, reason: /./, because: 'not in CI' }])

for (const { name, code } of steps) console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}`)
for (const [reason, count] of skips) console.log(`skipped ${count}: ${reason}`)
for (const failure of failures) console.log(`failed: ${failure}`)
console.log(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1

function read(line: string): Step {
  const [name, code, report] = line.split('\t') as [string, string, string]
  return {
    name,
    code: Number(code),
    report: report === '-' ? undefined : existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Report) : 'missing',
  }
}
