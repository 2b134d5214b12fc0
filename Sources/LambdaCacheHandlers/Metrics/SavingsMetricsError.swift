/// A setting of ``SavingsMetrics`` that CloudWatch, or the format of its metrics, would refuse.
public struct SavingsMetricsError: Error, Sendable, Hashable, CustomStringConvertible {
  enum Setting: String, Sendable, Hashable {
    case namespace
    /// The list of dimension sets, or the size of one.
    case dimensionSets = "dimension sets"
    case dimensionName = "dimension name"
    /// The value of a dimension: the caller's, the name of the function or that of a cache.
    case dimensionValue = "dimension value"
    case everyInvocations
    case loadTime = "load time"
    case gigabyteSecondPrice = "dollarsPerGigabyteSecond"
    case databaseCallPrice = "dollarsPerDatabaseCall"
    case memorySize = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
  }

  let setting: Setting
  let value: String
  /// The accepted values, as a phrase without a final period.
  let accepted: String

  /// Setting, value and accepted values, in one line whatever the value contains.
  public var description: String {
    "\(setting.rawValue) \(value.debugDescription) cannot be used; accepted: \(accepted)"
  }
}
