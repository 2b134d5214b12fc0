/// The properties of a runtime's context that caches use.
///
/// The context of `LambdaCacheRuntime` conforms. This package imports no other runtime, so conform
/// the context of yours:
///
/// <!-- with: AWSLambdaRuntime -->
/// ```swift
/// extension LambdaContext: @retroactive InvocationContext {
///   public var deadlineInMilliseconds: Int64? { deadline.millisecondsSinceEpoch() }
/// }
/// ```
///
/// With a context that does not conform, no load is refused for lack of time.
public protocol InvocationContext {
  /// The end of the invocation, in milliseconds since 1970, as in the header
  /// `Lambda-Runtime-Deadline-Ms` (AWS Lambda developer guide, *Using the Lambda runtime
  /// API*); `nil` if that is not known.
  var deadlineInMilliseconds: Int64? { get }
}
