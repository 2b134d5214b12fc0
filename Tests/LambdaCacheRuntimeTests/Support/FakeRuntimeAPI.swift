import Foundation
import LambdaCache
import TestSupport
import Testing

/// A Runtime API on the loopback interface that follows a script.
///
/// It runs on a thread of its own, serves one connection after the other, and stops by itself when
/// the script is at its end, when the client has gone, or when nothing happens any more.
final class FakeRuntimeAPI: Sendable {
  /// The treatment of one request.
  enum Step: Sendable {
    /// Read it and send these bytes, in pieces of the given size if there is one.
    case answer([UInt8], pieceSize: Int? = nil)
    /// Read it and close the connection.
    case close
    /// Read it and reset the connection.
    case reset
    /// Read it and be silent until the client closes the connection.
    case silence
    /// Send these bytes and be silent until the client closes the connection.
    case answerThenSilence([UInt8])
    /// Read only the head, send these bytes, and close with the body unread.
    case answerWithoutReadingBody([UInt8])
    /// Read only the head, and nothing more until `release()` is called.
    case hold
    /// Read the head and one chunk, send these bytes, and read on until the client closes.
    case answerAfterOneChunk([UInt8])
    /// Read the head and one chunk, send the first bytes, which is an event as a chunk is, read the
    /// rest, and send the second.
    case answerBetweenChunks([UInt8], [UInt8])
    /// Read the head and one chunk, and reset the connection.
    case resetAfterOneChunk
    /// Read it, send these bytes, and reset the connection.
    case answerThenReset([UInt8])
    /// Read it, and send these bytes once the client has said that nothing more comes from it.
    case answerAfterEnd([UInt8])
    /// Read it, send the first bytes, and the second ones once `release()` is called.
    case answerInTwo([UInt8], [UInt8])
    /// Read it and send these bytes one every millisecond, until the client closes the connection,
    /// and all that is left once `release()` is called.
    case trickle([UInt8])
    /// Read the head, and take the rest of it a few bytes every five milliseconds.
    case readSlowly
  }

  /// A request with the index of the connection it came on.
  struct Request: Sendable, Equatable {
    var connection: Int
    var message: LoopbackReader.Message

    var line: String { message.line }
    var fields: [String: String] { message.fields }
    var body: [UInt8] { message.body }
  }

  enum Event: Sendable, Equatable {
    case received(String)
    case chunk([UInt8])
    case closed(connection: Int)
  }

  let port: UInt16
  /// The events so far, in order, for a test that must wait for one.
  let events: AsyncStream<Event>
  private let listener: Int32
  private let state = Locked<[Request]>([])
  private let continuation: AsyncStream<Event>.Continuation
  private let gate = DispatchSemaphore(value: 0)

  var environment: [String: String] { ["AWS_LAMBDA_RUNTIME_API": "127.0.0.1:\(port)"] }

  /// Every request so far.
  ///
  /// One that the client has an answer to is among them.
  var requests: [Request] { state.withLock { $0 } }

  /// A request that must have come.
  func request(_ index: Int) throws -> Request {
    let all = requests
    return try #require(all.indices.contains(index) ? all[index] : nil, "only \(all.count) came")
  }

  /// Starts a server.
  ///
  /// - Parameter connections: For each connection the steps on it; it is closed after the last.
  init(connections: [[Step]]) throws {
    (listener, port) = try LoopbackListener.open()
    (events, continuation) = AsyncStream.makeStream(of: Event.self)
    Thread.detachNewThread { [self] in
      defer { continuation.finish() }
      for (index, steps) in connections.enumerated() {
        guard let peer = LoopbackListener.accept(listener) else { break }
        let ended = serve(steps, on: peer, index)
        if case .reset = ended { LoopbackPeer.resetOnClose(peer) }
        close(peer)
        continuation.yield(.closed(connection: index))
      }
      close(listener)
    }
  }

  /// Lets the server go on after `Step.hold`.
  func release() { gate.signal() }

  /// Waits until a chunk of a streamed response has arrived.
  func waitUntilReceived(chunk: [UInt8]) async {
    for await event in events where event == .chunk(chunk) { return }
  }

  /// Waits until the server has closed a connection.
  func waitUntilClosed(connection: Int) async {
    for await event in events where event == .closed(connection: connection) { return }
  }

  /// Waits until a request has arrived whose request line contains a text.
  func waitUntilReceived(_ text: String) async {
    for await event in events {
      if case .received(let line) = event, line.contains(text) { return }
    }
  }

  private func serve(_ steps: [Step], on peer: Int32, _ index: Int) -> Step? {
    var reader = LoopbackReader(descriptor: peer)
    reader.onChunk = { [continuation] in continuation.yield(.chunk($0)) }
    for step in steps {
      guard let message = reader.readMessage(step.extent) else { return nil }
      state.withLock { $0.append(Request(connection: index, message: message)) }
      continuation.yield(.received(message.line))
      switch step {
      case .answer(let bytes, let pieceSize):
        LoopbackPeer.send(bytes, to: peer, pieceSize: pieceSize)
      case .answerWithoutReadingBody(let bytes):
        LoopbackPeer.send(bytes, to: peer, pieceSize: nil)
      case .answerThenSilence(let bytes), .answerAfterOneChunk(let bytes):
        LoopbackPeer.send(bytes, to: peer, pieceSize: nil)
        reader.waitUntilClosed()
      case .answerInTwo(let first, let second):
        LoopbackPeer.send(first, to: peer, pieceSize: nil)
        _ = gate.wait(timeout: .now() + .seconds(unreachedSeconds))
        LoopbackPeer.send(second, to: peer, pieceSize: nil)
      case .answerBetweenChunks(let first, let second):
        LoopbackPeer.send(first, to: peer, pieceSize: nil)
        continuation.yield(.chunk(first))
        guard reader.readBody(of: message) != nil else { return nil }
        LoopbackPeer.send(second, to: peer, pieceSize: nil)
      case .silence:
        reader.waitUntilClosed()
      case .hold:
        _ = gate.wait(timeout: .now() + .seconds(unreachedSeconds))
      case .resetAfterOneChunk:
        return .reset
      case .answerThenReset(let bytes):
        LoopbackPeer.send(bytes, to: peer, pieceSize: nil)
        return .reset
      case .answerAfterEnd(let bytes):
        reader.waitUntilClosed()
        LoopbackPeer.send(bytes, to: peer, pieceSize: nil)
      case .trickle(let bytes):
        for index in bytes.indices where !reader.isClosed() {
          LoopbackPeer.send([bytes[index]], to: peer, pieceSize: nil)
          guard gate.wait(timeout: .now() + .milliseconds(1)) == .success else { continue }
          LoopbackPeer.send(Array(bytes[(index + 1)...]), to: peer, pieceSize: nil)
          break
        }
      case .readSlowly:
        while reader.takeSome(64) { Thread.sleep(forTimeInterval: 0.005) }
      case .close, .reset:
        return step
      }
    }
    return nil
  }
}

extension FakeRuntimeAPI.Step {
  /// How much of the request is read.
  fileprivate var extent: LoopbackReader.Extent {
    switch self {
    case .answerWithoutReadingBody, .hold, .readSlowly: .head
    case .answerAfterOneChunk, .answerBetweenChunks, .resetAfterOneChunk: .oneChunk
    default: .whole
    }
  }
}
