// A database of the reader's own.
// with: Price, Profile, User
struct Database: Sendable {
  func user(named name: String) async throws -> User { User(name: name, team: "blue") }
  func users(named names: [String]) async throws -> [String: User] { [:] }
  func findUser(named name: String) async throws -> User? { nil }
  func profile(of name: String) async throws -> Profile { Profile(name: name) }
  func profile(of name: String, tenant: String) async throws -> Profile { Profile(name: name) }
  func profiles(of names: [String]) async throws -> [String: Profile] { [:] }
  func price(of article: String) async throws -> Price { Price(cents: 1) }
}

let database = Database()
