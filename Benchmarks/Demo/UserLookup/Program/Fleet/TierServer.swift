import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A valkey-server or redis-server on a free port of 127.0.0.1, which keeps nothing on disk and
/// ends with this object, or with this process, however that ends.
final class TierServer {
  private static let programs = ["valkey-server", "redis-server"]
  /// A shell that starts a program and kills it at the end of its own standard input.
  private static let script = """
    trap '' INT TERM HUP; "$@" </dev/null >/dev/null 2>&1 & read -r _; kill -9 $!; wait $! 2>/dev/null
    """

  /// Host and port.
  let address: String
  private let keeper: pid_t
  private let lifeline: Pipe

  /// Starts the server, and waits until it accepts connections.
  ///
  /// - Parameter searchPath: The folders that it is looked for in, as in `PATH`.
  /// - Throws: `TierServerError`, or `PhaseError` when no process can be started.
  init(searchPath: String) throws {
    let folders = searchPath.split(separator: ":")
    let paths = Self.programs.flatMap { program in folders.map { "\($0)/\(program)" } }
    guard let program = paths.first(where: { access($0, X_OK) == 0 }) else {
      throw TierServerError.missing
    }
    let port = try Self.freePort()
    address = "127.0.0.1:\(port)"
    lifeline = Pipe()
    let write = lifeline.fileHandleForWriting.fileDescriptor
    // Other processes that are started must not keep the server alive.
    _ = fcntl(write, F_SETFD, FD_CLOEXEC)
    keeper = try ChildProcess.spawn(
      arguments: [
        "/bin/sh", "-c", Self.script, "sh", program, "--port", String(port), "--bind", "127.0.0.1",
        "--save", "", "--appendonly", "no",
      ],
      environment: ["PATH=\(searchPath)"], input: lifeline.fileHandleForReading.fileDescriptor,
      output: STDERR_FILENO, closing: [write])
    try lifeline.fileHandleForReading.close()
    let stopwatch = Stopwatch()
    while !Self.accepts(port) {
      guard stopwatch.elapsedNanoseconds < 20_000_000_000 else {
        end()
        throw TierServerError.silent(program)
      }
      usleep(20_000)
    }
  }

  deinit { end() }

  private func end() {
    try? lifeline.fileHandleForWriting.close()
    _ = try? ChildProcess.wait(for: keeper)
  }

  private static func freePort() throws -> UInt16 {
    let probe = tcpSocket()
    defer { close(probe) }
    var address = loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(probe, $0, length) == 0 && getsockname(probe, $0, &length) == 0
      }
    }
    guard isBound else { throw PhaseError.process(step: "find a port", number: errno) }
    return UInt16(bigEndian: address.sin_port)
  }

  private static func accepts(_ port: UInt16) -> Bool {
    let probe = tcpSocket()
    defer { close(probe) }
    var address = loopback(port: port)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(probe, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static func tcpSocket() -> Int32 {
    #if canImport(Glibc)
      socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      socket(AF_INET, SOCK_STREAM, 0)
    #endif
  }

  private static func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }
}

/// Why there is no server for a tier.
enum TierServerError: Error, Equatable {
  /// There is no program for it.
  case missing
  /// It does not accept connections.
  case silent(String)
}

extension TierServerError: CustomStringConvertible {
  var description: String {
    switch self {
    case .missing:
      """
      There is neither a valkey-server nor a redis-server in PATH (apt-get install redis-server); \
      with --tier HOST:PORT one that runs is used.
      """
    case .silent(let program): "\(program) has accepted no connection for 20 s."
    }
  }
}
