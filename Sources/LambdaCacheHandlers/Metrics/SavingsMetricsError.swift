/// A setting of ``SavingsMetrics`` that CloudWatch, or the format of its metrics, would refuse.
public struct SavingsMetricsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What can be set wrongly.
  public enum Setting: String, Sendable, Hashable {
    /// The namespace.
    case namespace
    /// The list of dimension sets, or the size of one.
    case dimensionSets = "dimension sets"
    /// The name of a dimension.
    case dimensionName = "dimension name"
    /// The value of a dimension: one of your own, the name of the function or that of a cache.
    case dimensionValue = "dimension value"
    /// The number of invocations that share a line.
    case everyInvocations
    /// The time that a load takes.
    case loadTime = "load time"
    /// The variable `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`.
    case memorySize = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
  }

  /// What was set wrongly.
  public let setting: Setting
  /// What was given for it.
  public let value: String
  /// What would have been accepted, as a phrase without a final period.
  public let accepted: String

  /// Setting, value and what is accepted, in one line whatever the value contains.
  public var description: String {
    "\(setting.rawValue) \(value.debugDescription) cannot be used; accepted: \(accepted)"
  }
}
