extension LambdaContext {
  /// The context of the invocation that the current task handles; `nil` outside a handler.
  ///
  /// It is a task-local value: child tasks and tasks made with `Task.init` see it too. Where
  /// several invocations run at once, the environment variable `_X_AMZN_TRACE_ID` could be only
  /// one's, so it is not set; `LambdaContext.current?.traceID` is each invocation's own.
  @TaskLocal public static var current: LambdaContext?
}
