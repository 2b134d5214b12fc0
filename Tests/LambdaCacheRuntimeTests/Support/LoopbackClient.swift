import Foundation
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A client of the local server, on a thread of its own, which may block.
final class LoopbackClient {
  private let peer: Int32
  private var reader: LoopbackReader

  /// A message that the peer did not send.
  struct NoAnswer: Error {}

  private init(port: UInt16) throws {
    peer = try LoopbackPeer.connect(to: port)
    reader = LoopbackReader(descriptor: peer)
  }

  deinit {
    close(peer)
  }

  /// Connects and lets a conversation run, which may block.
  static func converse<Value: Sendable>(
    with port: UInt16, _ body: @escaping @Sendable (LoopbackClient) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try body(try LoopbackClient(port: port)) })
      }
    }
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8], pieceSize: Int? = nil) {
    LoopbackPeer.send(bytes, to: peer, pieceSize: pieceSize)
  }

  func receive() throws -> LoopbackReader.Message {
    guard let message = reader.readMessage() else { throw NoAnswer() }
    return message
  }

  /// Receives only the head of a response.
  func receiveHead() throws -> LoopbackReader.Message {
    guard let message = reader.readMessage(.head) else { throw NoAnswer() }
    return message
  }

  /// Receives the chunked body that belongs to a head.
  func receiveChunks(after head: LoopbackReader.Message) throws -> LoopbackReader.Message {
    guard let message = reader.readBody(of: head) else { throw NoAnswer() }
    return message
  }

  /// Whether the peer closes the connection without another byte.
  func isClosedByPeer() -> Bool { reader.readMessage() == nil }

  /// Closes the connection with a reset.
  func reset() {
    LoopbackPeer.resetOnClose(peer)
  }

  /// A request with a stated length.
  static func post(_ body: String, to path: String = "/invoke", fields: String = "") -> String {
    "POST \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }
}

/// A client that only connects.
struct SilentClient: Sendable {
  private let peer: Int32

  init(port: UInt16) async throws {
    peer = try LoopbackPeer.connect(to: port)
  }

  func close() {
    #if canImport(Glibc)
      Glibc.close(peer)
    #elseif canImport(Musl)
      Musl.close(peer)
    #else
      Darwin.close(peer)
    #endif
  }
}

extension Array {
  /// Maps the elements one after the other.
  func asyncMap<Value>(_ transform: (Element) async throws -> Value) async throws -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await transform(element)) }
    return values
  }
}
