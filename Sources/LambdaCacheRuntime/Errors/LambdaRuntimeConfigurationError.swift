/// An environment variable that keeps the runtime from starting.
public struct LambdaRuntimeConfigurationError: Error, Equatable, Sendable {
  /// The name of the variable.
  public let variable: String
  /// Its value, or `nil` when it is not set.
  public let value: String?
  /// What is accepted instead, as a phrase.
  public let accepted: String

  /// Creates an error about one variable.
  ///
  /// - Parameters:
  ///   - variable: The name of the variable.
  ///   - value: Its value, or `nil` when it is not set.
  ///   - accepted: What is accepted instead, as a phrase.
  public init(variable: String, value: String?, accepted: String) {
    self.variable = variable
    self.value = value
    self.accepted = accepted
  }
}

extension LambdaRuntimeConfigurationError: CustomStringConvertible {
  /// One sentence with the variable, its value and what is accepted.
  public var description: String {
    let fault = value.map { "is '\($0)'" } ?? "is not set"
    return "\(variable) \(fault); accepted: \(accepted)"
  }
}
