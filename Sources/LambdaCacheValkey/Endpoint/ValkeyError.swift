/// The reason why a server gave no answer, or none that is of use.
public enum ValkeyError: Error, Hashable, Sendable {
  /// A text is not the address of a server.
  case invalidEndpoint(String, accepted: String)
  /// No connection could be made, or none is tried again yet; the text says why.
  case unreachable(String)
  /// The server refused the user name, the password or the token, or none could be made; the text
  /// is the server's, or describes the error of the closure that makes tokens.
  case notAuthenticated(String)
  /// The connection ended before the answer was complete, and again after it was made anew; the
  /// text says how.
  case connectionLost(String)
  /// There was no answer for this long.
  case timedOut(after: Duration)
  /// The server refused a command; the text is the server's.
  case refused(String)
  /// The server belongs to a cluster, which keeps the keys of one command in several places; the
  /// text is the server's.
  ///
  /// Clusters are supported as far as all keys are in one place: give
  /// ``ValkeyOptions/keyPrefix`` a part in braces, such as `{users}:`, and the address of the
  /// server that has this place, or of a proxy.
  case clusterRedirection(String)
  /// The answer cannot be understood, or exceeds a limit; the text says where.
  case malformedReply(String)
}

extension ValkeyError: CustomStringConvertible {
  /// One sentence that names the failure.
  public var description: String {
    switch self {
    case .invalidEndpoint(let text, let accepted): "'\(text)' is no address; accepted: \(accepted)"
    case .unreachable(let text): "cannot connect: \(text)"
    case .notAuthenticated(let text): "not authenticated: \(text)"
    case .connectionLost(let text): "connection lost: \(text)"
    case .timedOut(let duration): "no answer for \(duration)"
    case .refused(let text): "refused: \(text)"
    case .clusterRedirection(let text):
      "keys of one command are in several places of a cluster (\(text)); "
        + "a key prefix with a part in braces keeps them in one"
    case .malformedReply(let text): "malformed reply: \(text)"
    }
  }
}

extension ValkeyError {
  /// The error that a server's reply reports.
  init(reply: [UInt8]) {
    let text = String(decoding: reply.prefix(1024), as: UTF8.self)
    switch text.prefix(while: { $0 != " " }) {
    case "MOVED", "ASK", "CROSSSLOT", "CLUSTERDOWN": self = .clusterRedirection(text)
    case "NOAUTH", "WRONGPASS": self = .notAuthenticated(text)
    default: self = .refused(text)
    }
  }
}
