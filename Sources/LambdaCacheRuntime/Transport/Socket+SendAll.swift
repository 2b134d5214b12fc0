extension Socket {
  /// Sends all bytes, waiting while the peer takes none.
  ///
  /// - Returns: `nil`, or what broke the connection.
  /// - Throws: `TransportError.timedOut`.
  func sendAll(_ bytes: [UInt8], limit: ExchangeLimit) throws(TransportError) -> SystemError? {
    var offset = 0
    while offset < bytes.count {
      do throws(SystemError) {
        offset += try send(bytes, from: offset)
      } catch {
        guard error.isTimeout else { return error }
        try limit.checkPause()
      }
      if offset < bytes.count { try limit.check() }
    }
    return nil
  }
}
