internal import LambdaCacheTransport

/// The host and the port of a server.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  let address: LambdaCacheTransport.Endpoint

  /// A name or an address, without brackets.
  public var host: String { address.host }
  /// The port.
  public var port: UInt16 { address.port }
  /// Host and port as they were given.
  public var description: String { address.authority }

  /// The port of Valkey and Redis.
  static let defaultPort: UInt16 = 6379

  /// Reads `host`, `host:port`, `[IPv6 address]` or `[IPv6 address]:port`.
  ///
  /// - Parameter text: The text; without a port, 6379 is meant.
  /// - Throws: ``ValkeyError/invalidEndpoint(_:accepted:)`` when the text has another form.
  public init(_ text: String) throws(ValkeyError) {
    guard
      let address = LambdaCacheTransport.Endpoint(text, defaultPort: Self.defaultPort)
    else {
      let accepted = LambdaCacheTransport.Endpoint.acceptedForm(defaultPort: Self.defaultPort)
      throw .invalidEndpoint(text, accepted: accepted)
    }
    self.address = address
  }
}
