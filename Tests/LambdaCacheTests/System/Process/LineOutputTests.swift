import LambdaCache
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Writing lines without waiting")
struct LineOutputTests {
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

    deinit {
      close(reader)
      close(writer)
    }
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) -> Int {
    bytes.withUnsafeBytes { LineOutput.write($0, to: descriptor, waitingAtMost: 0) }
  }

  private let line = Array("{\"t\":1}\n".utf8)

  @Test("Bytes that a pipe has room for are written")
  func room() {
    let pipe = Pipe()
    #expect(write(line, to: pipe.writer) == line.count)
    #expect(pipe.read(100) == line)
  }

  @Test("A pipe that is full takes nothing, and is not waited for")
  func full() {
    let pipe = Pipe()
    let piece = [UInt8](repeating: 120, count: LineOutput.pieceByteCount)
    var written = 0
    while write(piece, to: pipe.writer) == piece.count {
      written += piece.count
    }
    #expect(written > 0)
    #expect(write(line, to: pipe.writer) == 0)
    var read = 0
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
}
