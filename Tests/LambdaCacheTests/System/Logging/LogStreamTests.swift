import Dispatch
import Foundation
import LambdaCache
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Writing to the streams of the log", .prompt)
struct LogStreamTests {
  private final class Pipe {
    let reader: Int32
    let writer: Int32

    init() {
      var ends: [Int32] = [0, 0]
      precondition(pipe(&ends) == 0, "there is no pipe")
      (reader, writer) = (ends[0], ends[1])
    }

    func read(_ count: Int) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      #if canImport(Darwin)
        let got = Darwin.read(reader, &bytes, count)
      #elseif canImport(Musl)
        let got = Musl.read(reader, &bytes, count)
      #else
        let got = Glibc.read(reader, &bytes, count)
      #endif
      return Array(bytes.prefix(max(0, got)))
    }

    /// Writes until there is no room, and returns how many bytes that were.
    func fill() -> Int {
      let flags = fcntl(writer, F_GETFL)
      _ = fcntl(writer, F_SETFL, flags | O_NONBLOCK)
      defer { _ = fcntl(writer, F_SETFL, flags) }
      let piece = [UInt8](repeating: 120, count: LogStream.pieceByteCount)
      var written = 0
      while true {
        #if canImport(Darwin)
          let count = Darwin.write(writer, piece, piece.count)
        #elseif canImport(Musl)
          let count = Musl.write(writer, piece, piece.count)
        #else
          let count = Glibc.write(writer, piece, piece.count)
        #endif
        guard count > 0 else { return written }
        written += count
      }
    }

    deinit {
      close(reader)
      close(writer)
    }
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) -> Int {
    bytes.withUnsafeBytes { LogStream(descriptor: descriptor).writeIfReady($0, waitingAtMost: 0) }
  }

  /// A time that no write to a pipe takes which does not wait.
  private static let secondsUntilRoom = Double(patience.components.seconds) / 2

  private let line = Array("{\"t\":1}\n".utf8)

  @Test("Bytes that a pipe has room for are written")
  func room() {
    let pipe = Pipe()
    #expect(write(line, to: pipe.writer) == line.count)
    #expect(pipe.read(100) == line)
  }

  @Test("A pipe that is full takes nothing, and is not waited for")
  func full() async throws {
    let pipe = Pipe()
    let written = pipe.fill()
    #expect(written > 0)
    // Whoever waits for room gets it, sooner than the test's patience ends, and writes.
    let isOver = DispatchSemaphore(value: 0)
    let drained = onThread { [reader = pipe.reader] in
      guard isOver.wait(timeout: .now() + Self.secondsUntilRoom) == .timedOut else { return 0 }
      return Self.read(written, from: reader).count
    }
    #expect(write(line, to: pipe.writer) == 0)
    isOver.signal()
    var read = try await drained.pass()
    while read < written { read += pipe.read(written - read).count }
    #expect(write(line, to: pipe.writer) == line.count)
    #expect(pipe.read(100) == line)
  }

  @Test("A pipe without a reader takes nothing, and no signal ends the process")
  func noReader() {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    #expect(write(line, to: ends[1]) == 0)
    close(ends[1])
  }

  @Test("A stream that is not open takes nothing")
  func closed() {
    #expect(write(line, to: 9999) == 0)
  }

  @Test(
    "The log takes more than a pipe holds, in parts, and loses nothing",
    arguments: [0, 1, 3_000_000])
  func shortWrites(_ count: Int) async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (reader, writer) = (ends[0], ends[1])
    try #require(fcntl(writer, F_SETFL, fcntl(writer, F_GETFL) | O_NONBLOCK) == 0)
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let received = onThread { Self.read(.max, from: reader) }
    try LogStream(descriptor: writer).write(bytes)
    close(writer)
    #expect(try await received.pass() == bytes)
    close(reader)
  }

  @Test("The log reports an error with its number and what was written")
  func refusal() throws {
    let error = try #require(throws: LogStreamError.self) {
      try LogStream(descriptor: -1).write([1, 2, 3])
    }
    #expect(error == LogStreamError(code: EBADF, written: 0, length: 3))
    #expect(error.description.contains("0 of 3 bytes"))
  }

  @Test("Lines of several threads that are longer than a pipe takes at once are not mixed")
  func wholeLines() async throws {
    let pipe = Pipe()
    defer { withExtendedLifetime(pipe) {} }
    let (lineCount, length) = (20, 10 * LogStream.pieceByteCount)
    let stream = LogStream(descriptor: pipe.writer)
    let reader = pipe.reader
    let received = onThread { Self.read(4 * lineCount * length, from: reader) }
    for letter in "abcd".utf8 {
      Thread.detachNewThread {
        let line = [UInt8](repeating: letter, count: length - 1) + [0x0A]
        for _ in 0..<lineCount { try? stream.write(line) }
      }
    }
    let lines = try await received.pass().split(separator: 0x0A)
    #expect(lines.count == 4 * lineCount)
    #expect(lines.allSatisfy { $0.count == length - 1 && Set($0).count == 1 })
  }

  private static func read(_ count: Int, from descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 10_000)
    while all.count < count {
      #if canImport(Darwin)
        let got = Darwin.read(descriptor, &part, part.count)
      #elseif canImport(Musl)
        let got = Musl.read(descriptor, &part, part.count)
      #else
        let got = Glibc.read(descriptor, &part, part.count)
      #endif
      guard got > 0 else { break }
      all += part[..<got]
    }
    return all
  }
}
