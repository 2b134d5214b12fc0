/// A part of the identity of a metric in CloudWatch.
///
/// Every combination of values is a metric of its own, and is billed as one: do not use what
/// changes with each invocation (CloudWatch user guide, *Embedded metric format specification*).
public enum SavingsDimension: Sendable, Hashable {
  /// The name of the function, as `FunctionName`; `local` where there is none.
  case functionName
  /// The name of a cache, as `CacheName`. There is a line for each cache then.
  case cacheName
  /// A name and a value of your own.
  case custom(name: String, value: String)

  /// The name by which CloudWatch knows it.
  var name: String {
    switch self {
    case .functionName: "FunctionName"
    case .cacheName: "CacheName"
    case .custom(let name, _): name
    }
  }
}
