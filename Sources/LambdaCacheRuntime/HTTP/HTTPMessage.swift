/// A complete message.
struct HTTPMessage<Head: HTTPMessageHead>: Equatable, Sendable {
  var head: Head
  var body: [UInt8]
  /// Whether the connection may carry another message.
  var keepsConnection: Bool
}
