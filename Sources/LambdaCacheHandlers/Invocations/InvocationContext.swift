/// What the adapters can use of a runtime's context.
///
/// The package imports no runtime; say of the context of yours what it knows:
///
/// ```swift
/// extension LambdaContext: @retroactive InvocationContext {
///   public var deadlineInMilliseconds: Int64? { deadline.millisecondsSinceEpoch }
/// }
/// ```
///
/// A context that does not conform works as well: then no load is refused for lack of time.
public protocol InvocationContext {
  /// When the invocation ends, in milliseconds since 1970, as the header
  /// `Lambda-Runtime-Deadline-Ms` says (AWS Lambda developer guide, *Using the Lambda runtime
  /// API*); `nil` if that is not known.
  var deadlineInMilliseconds: Int64? { get }
}
