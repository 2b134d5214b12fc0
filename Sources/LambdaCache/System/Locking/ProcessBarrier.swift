#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A memory barrier that one thread makes all threads of the process run (membarrier(2)): running
/// threads are interrupted for it, the others have passed one when they were switched out.
///
/// So a frequent operation needs no barrier of its own, and pays for none, as long as the rare
/// operation that races with it runs this one. 0.1 µs while no other thread of the process runs, 20
/// µs while one does, on a virtual machine.
enum ProcessBarrier {
  /// Whether the system has such a barrier.
  ///
  /// The kernel is told of the intent to use it when this is read for the first time, and may wait
  /// for all processors then.
  static var isAvailable: Bool { systemCall != nil }

  /// Makes every other thread of the process run a memory barrier.
  ///
  /// - Returns: `false` where the system has none, and nothing was done.
  static func run() -> Bool {
    guard let systemCall else { return false }
    return systemCall(number, runCommand, 0, 0) == 0
  }

  private typealias SystemCall = @convention(c) (Int, Int32, UInt32, Int32) -> Int

  /// MEMBARRIER_CMD_PRIVATE_EXPEDITED and the command that announces its use, linux/membarrier.h.
  private static let runCommand: Int32 = 1 << 3
  private static let registerCommand: Int32 = 1 << 4

  /// The C library's `syscall`, which Swift does not import for its variable number of arguments;
  /// `nil` where it cannot be looked up, or the kernel refuses the barrier.
  private static let systemCall: SystemCall? = {
    #if os(Linux) && (arch(x86_64) || arch(arm64) || arch(riscv64))
      guard let program = dlopen(nil, RTLD_LAZY), let symbol = dlsym(program, "syscall") else {
        return nil
      }
      let call = unsafeBitCast(symbol, to: SystemCall.self)
      return call(number, registerCommand, 0, 0) == 0 ? call : nil
    #else
      return nil
    #endif
  }()

  /// The number of membarrier(2).
  private static var number: Int {
    #if arch(x86_64)
      324
    #else
      // Of the architectures that share the kernel's generic table.
      283
    #endif
  }
}
