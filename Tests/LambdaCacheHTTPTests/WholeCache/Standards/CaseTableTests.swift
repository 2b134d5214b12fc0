import Testing

@testable import LambdaCacheHTTP

@Suite("A response cache follows the standards", .timeLimit(.minutes(15)))
struct CaseTableTests {
  @Test(
    "A response cache stores responses as RFC 9111, section 3, demands",
    arguments: StoringTable.rows)
  func storing(_ scenario: Scenario) async throws { try await scenario.run() }

  @Test(
    "A response cache obeys directives (RFC 9111, section 5.2; RFC 8246)",
    arguments: DirectiveTable.rows)
  func directives(_ scenario: Scenario) async throws { try await scenario.run() }

  @Test(
    "A response cache computes age and freshness (RFC 9111, section 4.2; RFC 5861)",
    arguments: FreshnessTable.rows)
  func freshness(_ scenario: Scenario) async throws { try await scenario.run() }

  @Test(
    "A response cache validates responses (RFC 9111, section 4.3; RFC 9110, section 13)",
    arguments: ValidationTable.rows)
  func validation(_ scenario: Scenario) async throws { try await scenario.run() }

  @Test(
    "A response cache selects and invalidates (RFC 9111, sections 4.1 and 4.4; RFC 9211)",
    arguments: SelectionTable.rows)
  func selection(_ scenario: Scenario) async throws { try await scenario.run() }

  @Test(
    "A response cache serves ranges as RFC 9110, section 14, demands", arguments: RangeTable.rows)
  func ranges(_ scenario: Scenario) async throws { try await scenario.run() }

  @Test("A response cache obeys targeted cache control (RFC 9213)", arguments: TargetedTable.rows)
  func targeted(_ scenario: Scenario) async throws { try await scenario.run() }

  @Test(
    "A response cache chooses among several responses (RFC 9111, sections 4 and 4.1)",
    arguments: VariantTable.rows)
  func variants(_ scenario: Scenario) async throws { try await scenario.run() }

  @Test("The tables of a response cache have more than two hundred cases, each once")
  func count() {
    let rows =
      StoringTable.rows + DirectiveTable.rows + FreshnessTable.rows + ValidationTable.rows
      + SelectionTable.rows + RangeTable.rows + TargetedTable.rows + VariantTable.rows
    #expect(rows.count >= 200)
    #expect(Set(rows.map(\.testDescription)).count == rows.count)
  }
}
