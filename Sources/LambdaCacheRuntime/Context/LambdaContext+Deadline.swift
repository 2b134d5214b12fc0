public import LambdaCache

extension LambdaContext: InvocationContext {
  /// The end of the invocation, as caches ask for it: ``deadlineMilliseconds``.
  public var deadlineInMilliseconds: Int64? { deadlineMilliseconds }
}
