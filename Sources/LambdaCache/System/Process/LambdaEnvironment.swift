/// The environment that a process runs in, as Lambda's variables describe it.
package enum LambdaEnvironment {
  /// Returns whether the environment takes several invocations at once and is never frozen.
  ///
  /// - Parameter variables: The environment variables.
  package static func isManagedInstance(_ variables: [String: String]) -> Bool {
    variables[initializationType] == "lambda-managed-instances"
  }

  /// Returns whether Lambda may freeze the environment between two invocations, or restore it from
  /// a snapshot.
  ///
  /// A variable of Lambda's holds how it has initialized an environment: `on-demand`,
  /// `provisioned-concurrency`, `snap-start` or `lambda-managed-instances` (AWS Lambda developer
  /// guide, *Defined runtime environment variables*). The command line tool of the Serverless
  /// Application Model sets `AWS_SAM_LOCAL` where it runs a function (its documentation, *sam local
  /// invoke*).
  ///
  /// - Parameter variables: The environment variables.
  package static func mayBeFrozen(_ variables: [String: String]) -> Bool {
    variables[initializationType] != nil && !isManagedInstance(variables)
      && variables["AWS_SAM_LOCAL"] == nil
  }

  private static let initializationType = "AWS_LAMBDA_INITIALIZATION_TYPE"
}
