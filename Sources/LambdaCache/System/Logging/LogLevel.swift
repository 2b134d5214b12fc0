/// How serious a line of the log is, in the levels of AWS Lambda, the least serious first.
///
/// Lines below the level in `AWS_LAMBDA_LOG_LEVEL` are not written; that is ``info`` where the
/// variable is not set (AWS Lambda developer guide, *Log-level filtering*).
public enum LogLevel: String, Sendable, Comparable, CaseIterable {
  /// Every step.
  case trace = "TRACE"
  /// Details for those who look for a fault.
  case debug = "DEBUG"
  /// What a function does.
  case info = "INFO"
  /// What may become a fault, or is not as it was meant.
  case warn = "WARN"
  /// What has failed.
  case error = "ERROR"
  /// What ends the process.
  case fatal = "FATAL"

  /// Whether one level is less serious than another.
  public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .trace: 0
    case .debug: 1
    case .info: 2
    case .warn: 3
    case .error: 4
    case .fatal: 5
    }
  }
}
