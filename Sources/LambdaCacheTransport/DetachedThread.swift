#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a thread does.
private final class Body: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Threads of the system, which end by themselves.
package enum DetachedThread {
  /// Starts a thread.
  ///
  /// - Parameter body: What it does; it is released when it returns.
  /// - Throws: `SystemError` when the system refuses another thread.
  package static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let argument = Unmanaged.passRetained(Body(body))
    let code = start(argument.toOpaque())
    guard code == 0 else {
      argument.release()
      throw SystemError(call: "pthread_create", code: code)
    }
  }

  private static func start(_ argument: UnsafeMutableRawPointer) -> Int32 {
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    #if canImport(Darwin)
      let code = pthread_create(&thread, nil, { run($0) }, argument)
      if code == 0, let thread { pthread_detach(thread) }
    #elseif canImport(Musl)
      let code = pthread_create(&thread, nil, { $0.flatMap(run) }, argument)
      if code == 0, let thread { pthread_detach(thread) }
    #else
      let code = pthread_create(&thread, nil, { $0.flatMap(run) }, argument)
      if code == 0 { pthread_detach(thread) }
    #endif
    return code
  }
}

/// The thread's main function; it owns one reference to the body.
private func run(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
  Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
  return nil
}
