import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process of a ``FleetEnvironment``, and the socket by which it is given requests.
final class EnvironmentProcess {
  private let process: pid_t
  private let label: String
  private(set) var descriptor: Int32
  private var isEnded = false

  /// Starts the process.
  ///
  /// - Parameters:
  ///   - arguments: The arguments of this program.
  ///   - environment: The process's variables.
  ///   - label: Its work, in words.
  /// - Throws: `PhaseError`.
  init(arguments: [String], environment: [String: String], label: String) throws {
    guard let executable = Bundle.main.executablePath else {
      throw PhaseError.process(step: "find its program", number: ENOENT)
    }
    self.label = label
    let (near, far) = try Self.pair()
    defer { close(far) }
    descriptor = near
    do {
      process = try ChildProcess.spawn(
        arguments: [executable] + arguments,
        environment: environment.map { "\($0.key)=\($0.value)" }, input: far, output: far)
    } catch {
      close(near)
      throw error
    }
  }

  /// Ends the process, if it has not ended by itself.
  deinit {
    close(descriptor)
    guard !isEnded else { return }
    kill(process, SIGKILL)
    _ = try? ChildProcess.wait(for: process)
  }

  /// Gives the process the requests of a turn.
  ///
  /// - Parameter users: The users asked for, not so many that a socket could not hold them.
  func begin(turn users: [UInt32]) throws {
    try ([UInt32(users.count)] + users).withUnsafeBytes { bytes in
      var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
      while !rest.isEmpty {
        let count = send(descriptor, rest.baseAddress, rest.count, Self.noSignal)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw try failure() }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  /// Reads the byte that ends a turn, which has come.
  func endTurn() throws {
    var byte: UInt8 = 0
    while true {
      let count = read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { throw try failure() }
      guard byte == FleetEnvironment.turnEnd else { throw PhaseError.unreadable(label) }
      return
    }
  }

  /// Lets the process end, and reads its figures.
  func finish() throws -> EnvironmentResult {
    shutdown(descriptor, Int32(SHUT_WR))
    let output = try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).readToEnd()
    try waitForEnd()
    do {
      return try JSONDecoder().decode(EnvironmentResult.self, from: output ?? Data())
    } catch is DecodingError {
      throw PhaseError.unreadable(label)
    }
  }

  /// The reason why the process does not answer: how it ended, or that its socket is broken.
  private func failure() throws -> PhaseError {
    let number = errno
    kill(process, SIGTERM)
    try waitForEnd()
    return .process(step: "take a turn", number: number)
  }

  private func waitForEnd() throws {
    let status = try ChildProcess.wait(for: process)
    isEnded = true
    try ChildProcess.check(status, of: label)
  }

  /// Two ends of a connection; neither is there in other processes unless it is given to them.
  private static func pair() throws -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    guard socketpair(AF_UNIX, stream, 0, &ends) == 0 else {
      throw PhaseError.process(step: "have a socket", number: errno)
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  #if canImport(Darwin)
    private static let noSignal: Int32 = 0
  #else
    private static let noSignal = Int32(MSG_NOSIGNAL)
  #endif
}
