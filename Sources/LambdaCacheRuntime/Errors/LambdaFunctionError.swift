/// An error that determines its report by Lambda.
///
/// A handler may throw any error; one that does not conform is reported with the name of its type
/// and its description. Conform to choose both:
///
/// ```swift
/// struct UserNotFound: LambdaFunctionError {
///   var username: String
///   var errorType: String { "UserNotFound" }
///   var errorMessage: String { "no user named \(username)" }
/// }
/// ```
///
/// The caller of the function sees them in the JSON object that Lambda defines for errors:
/// `{"errorMessage": …, "errorType": …, "stackTrace": []}`.
public protocol LambdaFunctionError: Error {
  /// A short name for the kind of error, stable enough to be compared with.
  var errorType: String { get }
  /// A description for a human reader. It is cut at 64 KiB.
  var errorMessage: String { get }
}

extension LambdaFunctionError {
  /// The name of the type.
  public var errorType: String { String(describing: Self.self) }
}
