// Runs the tests of a checkout of http-tests/cache-tests against a base URL and prints, as JSON, for
// each test its kind, what came of it, and why. Arguments: the checkout, the base URL, and the ids of
// tests, if not all are to be run.
import { pathToFileURL } from 'node:url'

const [checkout, base, ...ids] = process.argv.slice(2)
const load = path => import(pathToFileURL(`${checkout}/${path}`))
const { runTests, getResults } = await load('test-engine/client/runner.mjs')
const { determineTestResult, resultTypes } = await load('test-engine/lib/results.mjs')
const { default: groups } = await load('tests/index.mjs')

// A buffered response of a function has no interim responses, and the client needs npm for them.
const isApplicable = test => !test.browser_only &&
  !test.requests.some(request => 'expected_interim_responses' in request)
const selected = groups.map(group => ({
  ...group,
  tests: group.tests.filter(test => isApplicable(test) && (ids.length === 0 || ids.includes(test.id)))
}))

// A wrong answer may be left unread by the suite; that must not end the run.
process.on('unhandledRejection', () => {})
if (ids.length > 0) selected.forEach(group => group.tests.forEach(test => { test.dump = true }))
const log = console.log
console.log = console.error
await runTests(selected, false, base)
const results = getResults()
const names = new Map(Object.entries(resultTypes).map(([name, type]) => [type, name]))
log(JSON.stringify(selected.flatMap(group => group.tests.map(test => ({
  id: test.id,
  group: group.id,
  kind: test.kind ?? 'required',
  outcome: names.get(determineTestResult(groups, test.id, results, ids.length === 0)),
  reason: results[test.id] === true ? '' : (results[test.id] ?? []).join(': ')
})))))
process.exit(0)
