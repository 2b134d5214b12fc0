import LambdaCacheHandlers
import LambdaCacheValkey

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A process that does with a tier what it is told, a line of standard input at a time, and answers
/// each with a line.
///
///     SharedTier ENDPOINT [user NAME] [password TEXT] [prefix TEXT] [connect MILLISECONDS]
///
/// `get KEY LIMIT`, `set KEY BYTES LIFETIME LIMIT`, `remove KEY LIMIT`, `tags TAG read|renew LIMIT`,
/// `load KEY lease|plain TIME`, `burst KEYS LIMIT`, `median KEYS BYTES ROUNDS`; times are in
/// milliseconds.
@main
struct SharedTier {
  static func main() async throws {
    var arguments = CommandLine.arguments.dropFirst()
    guard let address = arguments.popFirst() else { fatalError("no endpoint") }
    var settings: [String: String] = [:]
    while let name = arguments.popFirst() { settings[name] = arguments.popFirst() }
    let tier = ValkeyTier(try Endpoint(address)) { options in
      if let password = settings["password"] {
        options.credentials = .password(password, userName: settings["user"] ?? "default")
      }
      options.keyPrefix = settings["prefix"] ?? ""
      if let limit = settings["connect"].flatMap(Int.init) {
        options.connectLimit = .milliseconds(limit)
      }
    }
    let teller = Teller(tier: tier)
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      let start = ContinuousClock.now
      let answer: String
      do {
        answer = try await teller.answer(to: words)
      } catch {
        answer = "error \(error)"
      }
      let microseconds = (ContinuousClock.now - start) / .microseconds(1)
      print("\(Int(microseconds)) \(answer)")
      fflush(nil)
    }
  }
}

extension Teller {
  fileprivate func answer(to words: [String]) async throws -> String {
    func number(_ place: Int) -> Int { Int(words[place]) ?? 0 }
    func limit(_ place: Int) -> Duration { .milliseconds(number(place)) }
    switch words.first {
    case "get": return try await get(words[1], within: limit(2))
    case "set":
      return try await set(
        words[1], byteCount: number(2), timeToLive: limit(3), within: limit(4))
    case "remove": return try await remove(words[1], within: limit(2))
    case "tags": return try await tags(words[1], words[2], within: limit(3))
    case "load":
      return try await load(words[1], lease: words[2] == "lease", time: limit(3))
    case "burst": return await burst(number(1), within: limit(2))
    case "median":
      return try await median(
        keyCount: number(1), byteCount: number(2), rounds: number(3))
    default: return "error unknown command"
    }
  }
}
