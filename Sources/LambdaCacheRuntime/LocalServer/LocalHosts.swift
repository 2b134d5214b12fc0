internal import LambdaCacheText
internal import LambdaCacheTransport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The hosts that requests to the local server may name.
///
/// A page in a browser may send requests to its own name, and that name may suddenly have this
/// machine's address (DNS rebinding). The host of such a request is another one.
struct LocalHosts: Equatable, Sendable {
  /// Hosts besides those of this machine, in lower case; `nil` when there is no limit.
  private var others: Set<String>?

  /// Allows the names of this machine, and the host that is listened on.
  ///
  /// - Parameters:
  ///   - listener: The host that is listened on; `0.0.0.0` and `::`, which stand for all addresses,
  ///     allow every host if none is named.
  ///   - names: Further hosts, or `nil` for all.
  init(listener: String, names: [String]? = []) {
    guard let names, !names.isEmpty || !Self.isWildcard(listener) else { return }
    others = Set((names + [listener]).map(Self.normalized))
  }

  /// Whether requests may name a host.
  func allow(_ host: String) -> Bool {
    guard let others else { return true }
    let host = Self.normalized(host)
    return Self.isLoopback(host) || others.contains(host)
  }

  /// Whether pages of an origin may send requests: a browser sends requests of any page, with its
  /// origin (Fetch, section 3.2).
  func allowPages(of origin: String) -> Bool {
    guard others != nil else { return true }
    let scheme = origin.utf8.prefix { $0 != UInt8(ascii: ":") }
    let rest = origin.utf8.dropFirst(scheme.count)
    guard rest.starts(with: "://".utf8) else { return false }
    guard let host = Self.host(of: String(decoding: rest.dropFirst(3), as: UTF8.self)) else {
      return false
    }
    return allow(host)
  }

  /// The host of an authority: a name or an address, and perhaps a port, on which nothing depends.
  ///
  /// - Returns: The host without brackets, or `nil` for what is no authority, or has a user.
  static func host(of authority: String) -> String? {
    // A port may be empty (RFC 3986, section 3.2.3).
    let isPortEmpty = authority.utf8.last == UInt8(ascii: ":")
    return Endpoint(isPortEmpty ? String(authority.dropLast()) : authority, defaultPort: 80)?.host
  }

  /// A host in lower case, without the point that may end a full name.
  private static func normalized(_ host: String) -> String {
    let lower = String(decoding: host.utf8.map(ASCII.lowercased), as: UTF8.self)
    return lower.utf8.last == UInt8(ascii: ".") ? String(lower.dropLast()) : lower
  }

  /// Whether a normalized host is always this machine (RFC 6761, section 6.3; RFC 6890).
  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host.hasSuffix(".localhost") { return true }
    guard let address = address(host) else { return false }
    switch address.count {
    case 4: return address[0] == 127
    default:
      let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127]
      return address.starts(with: mapped) || address == [UInt8](repeating: 0, count: 15) + [1]
    }
  }

  private static func isWildcard(_ host: String) -> Bool {
    address(host)?.allSatisfy { $0 == 0 } ?? false
  }

  /// The 4 or 16 bytes of an address, or `nil` for a name.
  private static func address(_ host: String) -> [UInt8]? {
    var four = in_addr()
    if inet_pton(AF_INET, host, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
    // The zone, `%lo`, is not a part of the address.
    let unzoned = String(decoding: host.utf8.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self)
    var sixteen = in6_addr()
    guard inet_pton(AF_INET6, unzoned, &sixteen) == 1 else { return nil }
    return withUnsafeBytes(of: sixteen) { Array($0) }
  }
}
