internal import LambdaCacheTransport

extension Socket {
  /// Sends all bytes, waiting while the peer takes none.
  ///
  /// - Returns: `nil`, or the failure of the connection.
  /// - Throws: `TransportError.timedOut`.
  func sendAll(_ bytes: [UInt8], limit: ExchangeLimit) throws(TransportError) -> SystemError? {
    var offset = 0
    while true {
      let outcome: FileDescriptor.WaitOutcome
      do throws(SystemError) {
        if let count = try send(bytes, from: offset) {
          offset += count
          if offset == bytes.count { return nil }
          outcome = .ready
        } else {
          outcome = try waitUntilWritable(within: limit.pause)
        }
      } catch {
        return error
      }
      if outcome == .ready { try limit.check() } else { try limit.checkPause() }
    }
  }
}
