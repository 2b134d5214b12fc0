// The reader's conformance of the official context.
import AWSLambdaRuntime
import LambdaCache

extension LambdaContext: @retroactive InvocationContext {
  public var deadlineInMilliseconds: Int64? { deadline.millisecondsSinceEpoch() }
}
