// A database of the reader's own.
struct Database: Sendable {
  func user(named name: String) async throws -> User { User(name: name, team: "blue") }
  func users(named names: [String]) async throws -> [String: User] { [:] }
  func findUser(named name: String) async throws -> User? { nil }
  func profile(of name: String) async throws -> Profile { Profile(name: name) }
  func profiles(of names: [String]) async throws -> [String: Profile] { [:] }
}

let database = Database()
