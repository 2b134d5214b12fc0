/// The settings of a ``ValkeyTier``.
public struct ValkeyOptions: Sendable {
  /// What a connection authenticates with; `nil` for nothing.
  public var credentials: ValkeyCredentials?
  /// The beginning of the names of all keys, which separates the functions that share a server.
  ///
  /// A part in braces, such as `{users}:`, keeps all keys in one place of a cluster.
  public var keyPrefix = ""
  /// The longest time for making a connection and authenticating.
  ///
  /// It is longer than operations may take: they end in time, and the connection is made for those
  /// that follow.
  public var connectLimit = Duration.seconds(1)
  /// Makes the connection that bytes are sent on; plain TCP by default.
  public var transport: @Sendable () -> any ValkeyTransport = { PlainTransport() }

  /// The age of the last reply from which on the connection may be dead.
  var doubtfulAge = Duration.seconds(10)
  /// The longest wait for the answer on a doubtful connection.
  var doubtfulLimit = Duration.milliseconds(100)
  /// The longest pause after a connection that was not made; it doubles up to ``longestPause``.
  var firstPause = Duration.milliseconds(50)
  var longestPause = Duration.seconds(5)
  /// Chooses a pause in nanoseconds, given the longest.
  var choosePause: @Sendable (Int64) -> Int64 = { Int64.random(in: 0...$0) }

  init() {}
}
