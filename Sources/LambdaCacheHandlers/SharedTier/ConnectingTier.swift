/// An engine that tells whether it is connecting, which may take longer than a call.
package protocol ConnectingTier: SharedTier {
  /// Whether a connection is being made, and the time for that is not over: calls that are given up
  /// meanwhile say nothing of the engine, and those that follow need not wait.
  ///
  /// It is asked under a lock, and for each read while it is so.
  var isConnecting: Bool { get }
}
