/// A complete response.
struct HTTPResponse: Equatable {
  var head: HTTPResponseHead
  var body: [UInt8]
  /// Whether the connection may carry another exchange.
  var keepsConnection: Bool

  var status: Int { head.status }
}
