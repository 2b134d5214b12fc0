/// A connection after its handshake.
///
/// The thread that made it gives it to the thread that uses it, and keeps nothing of it.
struct OpenConnection: @unchecked Sendable {
  let transport: any ValkeyTransport
  /// Between two replies.
  var parser: RESPParser
}
