/// An error of a ``MemcachedTier``.
public enum MemcachedError: Error, Sendable, Hashable {
  /// There is no connection; with the reason.
  case unreachable(String)
  /// The server knows no meta commands, which came with memcached 1.6.
  case unsupportedServer(String)
  /// The clocks of server and environment differ by these seconds, so that no value could be dated.
  case clocksDiffer(seconds: Int64)
  /// The connection was lost, twice if the operation could be repeated.
  case connectionLost(String)
  /// There was no answer within the limit.
  case timedOut(Duration)
  /// A value is larger than the server takes (its option `-I`).
  case tooLarge
  /// The server refuses, in its own words.
  case refused(String)
  /// The answer cannot be understood; with the place.
  case malformedReply(String)
}

extension MemcachedError: CustomStringConvertible {
  /// One sentence that names the failure.
  public var description: String {
    switch self {
    case .unreachable(let text): "cannot connect: \(text)"
    case .unsupportedServer(let version):
      "the server knows no meta commands (\(version)); memcached 1.6 does"
    case .clocksDiffer(let seconds):
      "the clocks of server and environment differ by \(seconds) s; at most "
        + "\(Clock.tolerance) s are accepted"
    case .connectionLost(let text): "connection lost: \(text)"
    case .timedOut(let duration): "no answer for \(duration)"
    case .tooLarge: "refused: the value is larger than the server takes (memcached's option -I)"
    case .refused(let text): "refused: \(text)"
    case .malformedReply(let text): "malformed reply: \(text)"
    }
  }
}
