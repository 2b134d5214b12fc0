#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Threads that end by themselves.
enum SystemThread {
  /// Starts a thread.
  static func start(_ body: @escaping @Sendable () -> Void) {
    let code = start(Unmanaged.passRetained(ThreadBody(body)).toOpaque())
    precondition(code == 0, "The system has no thread left: error \(code)")
  }

  private static func start(_ argument: UnsafeMutableRawPointer) -> Int32 {
    #if canImport(Glibc)
      var thread = pthread_t()
      let code = pthread_create(&thread, nil, { $0.flatMap(runThread) }, argument)
      if code == 0 { pthread_detach(thread) }
    #elseif canImport(Musl)
      var thread: pthread_t?
      let code = pthread_create(&thread, nil, { $0.flatMap(runThread) }, argument)
      if code == 0, let thread { pthread_detach(thread) }
    #else
      var thread: pthread_t?
      let code = pthread_create(&thread, nil, { runThread($0) }, argument)
      if code == 0, let thread { pthread_detach(thread) }
    #endif
    return code
  }
}

/// The work of a thread.
private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// The main function of a thread; it owns one reference to the body.
private func runThread(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
  Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
  return nil
}
