import Foundation
import Testing

@testable import UserLookup

@Suite("The function")
struct UserLookupFunctionTests {
  @Test("The function answers a name from the database first and from the cache then")
  func missThenHit() async throws {
    try await withFunction { function, directory in
      let name = directory.name(of: 3)
      let event = Array(#"{"username":"\#(name)"}"#.utf8)
      let first = try answer(await function.handle(event))
      let second = try answer(await function.handle(event))
      #expect(first.source == .database)
      #expect(second.source == .cache)
      #expect(first.profile.username == name && second.profile.username == name)
      #expect(first.statistics.misses == 1 && first.statistics.hits == 0)
      #expect(second.statistics.misses == 1 && second.statistics.hits == 1)
      #expect(second.statistics.databaseReads == 1)
      #expect(second.statistics.byteCount > second.profile.about.utf8.count)
      #expect(second.statistics.byteCount <= second.statistics.byteLimit)
    }
  }

  @Test("The function throws for an unknown user, each time, and caches nothing")
  func unknownUser() async throws {
    try await withFunction { function, directory in
      for _ in 0..<2 {
        await #expect(throws: UserLookupError.unknownUser("nobody")) {
          try await function.handle(Array(#"{"username":"nobody"}"#.utf8))
        }
      }
      let known = Array(#"{"username":"\#(directory.name(of: 0))"}"#.utf8)
      let statistics = try answer(await function.handle(known)).statistics
      #expect(statistics.databaseReads == 3)
      #expect(statistics.entries == 1)
    }
  }

  @Test(
    "The function answers an HTTP request with a status",
    arguments: [
      ("GET", #"{"username":"ada.adelman1"}"#, 200), ("GET", #"{"username":"nobody"}"#, 404),
      ("GET", "{}", 400), ("GET", "null", 400), ("POST", #"{"username":"ada.adelman1"}"#, 405),
    ])
  func statuses(method: String, query: String, status: Int) async throws {
    try await withFunction { function, _ in
      let event = """
        {"version":"2.0","queryStringParameters":\(query),
         "requestContext":{"http":{"method":"\(method)"}}}
        """
      let response = try JSONDecoder().decode(
        HTTPAnswer.self, from: Data(await function.handle(Array(event.utf8))))
      #expect(response.statusCode == status)
      #expect(response.headers["content-type"] == "application/json")
      if status == 200 {
        #expect(try answer(Array(response.body.utf8)).profile.username == "ada.adelman1")
      } else {
        let body = try JSONDecoder().decode([String: String].self, from: Data(response.body.utf8))
        #expect(body["message"]?.isEmpty == false)
      }
    }
  }

  @Test(
    "The function throws for an event that is not understood",
    arguments: ["", "{", "null", "[]", "{}", #"{"user":"a"}"#, #"{"username":1}"#])
  func malformed(event: String) async throws {
    try await withFunction { function, _ in
      await #expect(throws: LookupEventError.self) {
        try await function.handle(Array(event.utf8))
      }
    }
  }

  private struct Answer: Decodable {
    var source: ProfileSource
    var microseconds: Double
    var statistics: ProfileCacheStatistics
    var profile: Profile

    struct Profile: Decodable {
      var username: String
      var about: String
    }
  }

  private func answer(_ bytes: [UInt8]) throws -> Answer {
    try JSONDecoder().decode(Answer.self, from: Data(bytes))
  }

  private func withFunction(
    _ body: (UserLookupFunction, UserDirectory) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
    let path = folder.appendingPathComponent("users.sqlite").path
    let directory = UserDirectory(count: 20)
    try UserDatabase.create(at: path, directory: directory) { _ in }
    let function = try UserLookupFunction(environment: [
      UserDatabaseLocation.variable: path,
      // Much more than the tests' own process takes, which is part of the budget.
      FunctionMemory.variable: "4096",
    ])
    try await body(function, directory)
  }
}
