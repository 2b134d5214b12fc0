/// The environment holds values that cannot be used, or caches have names whose variables are not
/// theirs alone.
///
/// All of them are reported together, so that one deployment is enough to correct them.
public struct ConfigurationError: Error, Hashable, Sendable {
  /// One variable whose value cannot be used, or that does not belong to one cache.
  package struct Issue: Hashable, Sendable {
    /// The name of the variable.
    package let variable: String

    /// The value that was found; empty if it is the names of caches that are wrong.
    package let value: String

    /// The names of the caches that the variable seems to belong to; empty if it is the value that
    /// is wrong.
    package let cacheNames: [String]

    /// The values that would have been accepted.
    package let accepted: String

    /// Creates the description of one unusable value.
    ///
    /// - Parameters:
    ///   - variable: The name of the variable.
    ///   - value: The value that was found.
    ///   - accepted: The values that would have been accepted, as a phrase without a final period.
    package init(variable: String, value: String, accepted: String) {
      self.variable = variable
      self.value = value
      self.accepted = accepted
      cacheNames = []
    }

    /// Creates the description of a variable that does not belong to one cache.
    ///
    /// - Parameters:
    ///   - variable: The name of the variable, or how those begin that are meant.
    ///   - cacheNames: The names of the caches that it seems to belong to, at least one.
    ///   - accepted: Which names would have been accepted, as a phrase without a final period.
    package init(variable: String, cacheNames: [String], accepted: String) {
      self.variable = variable
      self.cacheNames = cacheNames
      self.accepted = accepted
      value = ""
    }
  }

  /// The faults, ordered by the name of the variable; never empty.
  package let issues: [Issue]

  /// Creates an error from what was wrong.
  ///
  /// - Parameter issues: At least one issue, in any order.
  package init(issues: [Issue]) {
    requireArgument(!issues.isEmpty, "a ConfigurationError needs at least one issue")
    self.issues = issues.sorted { $0.variable < $1.variable }
  }
}

extension ConfigurationError {
  /// The variables that were wrong, in alphabetical order.
  public var variables: [String] { issues.map(\.variable) }
}

extension ConfigurationError: CustomStringConvertible {
  /// One line for each issue.
  public var description: String {
    issues.map(\.description).joined(separator: "\n")
  }
}

extension ConfigurationError.Issue: CustomStringConvertible {
  /// Variable, value and what is accepted, in one line whatever the value contains.
  package var description: String {
    guard cacheNames.isEmpty else {
      let names = cacheNames.map(\.debugDescription).joined(separator: " and ")
      return "\(variable) does not belong to \(names) alone; accepted: \(accepted)"
    }
    return "\(variable)=\(value.debugDescription) cannot be used; accepted: \(accepted)"
  }
}
