internal import LambdaCacheText
internal import LambdaCacheTransport

/// The address and the path of the local server.
struct LocalServerOptions: Equatable, Sendable {
  /// A name or an address, without brackets.
  var host = "127.0.0.1"
  /// 0 for any free port.
  var port: UInt16 = 7000
  /// The path that events are posted to.
  var path = "/invoke"
  /// The hosts that requests may name.
  var hosts = LocalHosts(listener: "127.0.0.1")

  /// Reads the options from a dictionary.
  ///
  /// - Parameter environment: Names and values.
  /// - Returns: `nil` when the server is turned off.
  /// - Throws: `LambdaRuntimeError` for a malformed value.
  init?(environment: [String: String]) throws(LambdaRuntimeError) {
    func fault(_ name: String, _ accepted: String) -> LambdaRuntimeError {
      .invalidVariable(name, environment[name], accepted: accepted)
    }
    let enabled = "LOCAL_LAMBDA_SERVER_ENABLED"
    switch environment[enabled]?.lowercased() {
    case nil, "true", "1": break
    case "false", "0": return nil
    default: throw fault(enabled, "true, 1, false or 0")
    }
    if let value = environment["LOCAL_LAMBDA_HOST"] {
      guard let name = Self.host(value) else {
        throw fault("LOCAL_LAMBDA_HOST", "a host name, an IPv4 or an IPv6 address, without port")
      }
      host = name
    }
    hosts = LocalHosts(listener: host)
    if let value = environment["LOCAL_LAMBDA_ALLOWED_HOSTS"], value != "*" {
      let names = value.split(separator: ",", omittingEmptySubsequences: false).map { name in
        String(decoding: ASCII.trimmed(Array(name.utf8)[...]), as: UTF8.self)
      }
      guard names.allSatisfy({ Self.host($0) != nil }) else {
        throw fault(
          "LOCAL_LAMBDA_ALLOWED_HOSTS", "* or host names and addresses, separated by commas")
      }
      hosts = LocalHosts(listener: host, names: names)
    } else if environment["LOCAL_LAMBDA_ALLOWED_HOSTS"] != nil {
      hosts = LocalHosts(listener: host, names: nil)
    }
    if let value = environment["LOCAL_LAMBDA_PORT"] {
      guard let number = ASCII.decimal(value.utf8), let port = UInt16(exactly: number) else {
        throw fault("LOCAL_LAMBDA_PORT", "a port of 0 to 65535; 0 takes any free one")
      }
      self.port = port
    }
    if let value = environment["LOCAL_LAMBDA_INVOCATION_ENDPOINT"] {
      guard value.hasPrefix("/"), !value.utf8.contains(UInt8(ascii: "?")),
        value.utf8.allSatisfy(ASCII.isVisible)
      else {
        throw fault(
          "LOCAL_LAMBDA_INVOCATION_ENDPOINT", "a path that begins with /, without query or blanks")
      }
      path = value
    }
  }
  /// A name or an address that was given without brackets and port, or `nil`.
  private static func host(_ text: String) -> String? {
    Endpoint(text.utf8.contains(UInt8(ascii: ":")) ? "[\(text)]" : text, defaultPort: 80)?
      .host
  }
}
