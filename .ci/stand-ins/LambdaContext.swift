// The context of a runtime.
struct LambdaContext: Sendable {}
