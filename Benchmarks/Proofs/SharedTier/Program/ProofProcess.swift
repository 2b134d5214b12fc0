import LambdaCacheHandlers
import LambdaCacheValkey
import MemcachedTier

#if TLS
  import NIOSSL
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A process that does with a tier what standard input says, a line at a time, and answers
/// each with a line.
///
///     SharedTier ENDPOINT [engine memcached] [user NAME] [password TEXT] [prefix TEXT]
///         [connect MILLISECONDS] [budget MILLISECONDS] [tls FILE]
///
/// `get KEY LIMIT`, `set KEY BYTES LIFETIME LIMIT`, `remove KEY LIMIT`,
/// `tags TAG read|renew LIMIT`, `load KEY lease|plain TIME`, `through KEY TIME`, `alone KEY TIME`,
/// `removed-load KEY new|renewal`, `odd-names LIMIT`, `soak KEYS TIME`, `burst KEYS LIMIT`,
/// `median KEYS BYTES ROUNDS`; times are in milliseconds.
@main
struct ProofProcess {
  static func main() async throws {
    var arguments = CommandLine.arguments.dropFirst()
    guard let address = arguments.popFirst() else { fatalError("no endpoint") }
    var settings: [String: String] = [:]
    while let name = arguments.popFirst() { settings[name] = arguments.popFirst() }
    let connectLimit = settings["connect"].flatMap(Int.init).map { Duration.milliseconds($0) }
    let tier: any SharedTier
    if settings["engine"] == "memcached" {
      let endpoint = try Endpoint(address)
      tier = MemcachedTier(
        host: endpoint.host, port: endpoint.port, connectLimit: connectLimit ?? .seconds(1))
    } else {
      tier = try valkeyTier(address, settings, connectLimit)
    }
    let budget = settings["budget"].flatMap(Int.init) ?? 5
    let teller = Teller(
      tier: tier, readThrough: ReadThrough(tier, timeBudget: .milliseconds(budget)))
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

extension ProofProcess {
  private static func valkeyTier(
    _ address: String, _ settings: [String: String], _ connectLimit: Duration?
  ) throws -> ValkeyTier {
    #if TLS
      let context = try settings["tls"].map { authorities in
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(authorities)
        return try NIOSSLContext(configuration: configuration)
      }
    #endif
    return ValkeyTier(try Endpoint(address)) { options in
      #if TLS
        if let context { options.transport = { TLSTransport(context: context) } }
      #endif
      if let password = settings["password"] {
        options.credentials = .password(password, userName: settings["user"] ?? "default")
      }
      options.keyPrefix = settings["prefix"] ?? ""
      if let connectLimit { options.connectLimit = connectLimit }
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
    case "through", "alone":
      return try await readThrough.read(
        words[1], time: limit(2), isShared: words[0] == "through")
    case "removed-load":
      return try await removeDuringLoad(words[1], hasValue: words[2] == "renewal")
    case "odd-names": return try await oddNames(within: limit(1))
    case "soak": return await readThrough.soak(keyCount: number(1), for: limit(2))
    case "burst": return await burst(number(1), within: limit(2))
    case "median":
      return try await median(
        keyCount: number(1), byteCount: number(2), rounds: number(3))
    default: return "error unknown command"
    }
  }
}
