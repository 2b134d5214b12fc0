import Foundation
import LambdaCache
import TestSupport

@testable import LambdaCacheRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A Runtime API that cuts connections, and keeps account of what it has delivered.
///
/// An event that was not sent whole is handed out again. An invocation that is answered a second
/// time is refused with 400, as Lambda does.
final class CuttingRuntimeAPI: Sendable {
  /// Where a connection is cut in an exchange.
  enum Cut: CaseIterable, Sendable {
    /// Before the answer to `next`, without or with a part of the event, or behind the event.
    case beforeEvent, withinEventHead, withinEventBody, afterEvent
    /// With only the head of a post read, or all of it; within the receipt, or behind it.
    case withinPost, beforeReceipt, withinReceipt, afterReceipt

    static let ofNext: [Cut] = [.beforeEvent, .withinEventHead, .withinEventBody, .afterEvent]
    static let ofPost: [Cut] = [.withinPost, .beforeReceipt, .withinReceipt, .afterReceipt]
  }

  struct Account {
    /// Events that are still to be delivered.
    var waiting: [String]
    /// How often each event was delivered whole.
    var deliveries: [String: Int] = [:]
    /// The first answer to each invocation.
    var answers: [String: String] = [:]
    var repetitions = 0
    var cuts = 0
    var connections = 0
    /// Requests for an event when there was none.
    var idle = 0
  }

  let port: UInt16
  private let listener: Int32
  private let account: Locked<Account>
  private let decide: @Sendable (_ isNext: Bool, _ connection: Int) -> (cut: Cut, isReset: Bool)?
  private let total: Int
  private let (changes, continuation) = AsyncStream.makeStream(of: Void.self)

  var state: Account { account.withLock { $0 } }

  /// Starts a server.
  ///
  /// - Parameters:
  ///   - events: The identifiers of the events; each is its event's body too.
  ///   - decide: Whether an exchange is cut, where, and whether by a reset.
  init(
    events: [String],
    cutting decide:
      @escaping @Sendable (_ isNext: Bool, _ connection: Int) -> (cut: Cut, isReset: Bool)?
  ) throws {
    (listener, port) = try LoopbackListener.open()
    self.decide = decide
    total = events.count
    account = Locked(Account(waiting: events.reversed()))
    Thread.detachNewThread { [self] in
      while let peer = LoopbackListener.accept(listener) {
        let number = account.withLock { account in
          account.connections += 1
          return account.connections - 1
        }
        Thread.detachNewThread { [self] in
          serve(peer, number)
          close(peer)
        }
      }
      close(listener)
    }
  }

  func runtime(concurrency: Int) throws -> LambdaRuntime {
    var runtime = try LambdaRuntime(environment: [
      "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:\(port)",
      "AWS_LAMBDA_MAX_CONCURRENCY": "\(concurrency)",
    ])
    runtime.timeouts = .patient(retryDelays: Timeouts.brief(7))
    return runtime
  }

  /// Waits until all events are answered, and as many conversations ask for more.
  func waitUntilDone(idle: Int) async {
    for await _ in changes {
      if account.withLock({ $0.answers.count == total && $0.idle >= idle }) { return }
    }
  }

  private func serve(_ peer: Int32, _ number: Int) {
    var reader = LoopbackReader(descriptor: peer)
    while let head = reader.readMessage(.head) {
      let isNext = head.line.hasPrefix("GET")
      let decision = decide(isNext, number)
      let goesOn =
        isNext
        ? sendEvent(to: peer, &reader, decision?.cut) : takePost(head, peer, &reader, decision?.cut)
      if let decision {
        account.withLock { $0.cuts += 1 }
        // A reset behind something that was sent whole may overtake it.
        let isWhole = [.afterEvent, .afterReceipt].contains(decision.cut)
        if decision.isReset, !isWhole { LoopbackPeer.resetOnClose(peer) }
        return
      }
      guard goesOn else { return }
    }
  }

  private func sendEvent(to peer: Int32, _ reader: inout LoopbackReader, _ cut: Cut?) -> Bool {
    if cut == .beforeEvent { return false }
    if cut == .withinEventHead {
      LoopbackPeer.send(Array("HTTP/1.1 200 OK\r\nLambda-Run".utf8), to: peer, pieceSize: nil)
      return false
    }
    guard let event = account.withLock({ $0.waiting.popLast() }) else {
      if cut != nil { return false }
      change { $0.idle += 1 }
      reader.waitUntilClosed()
      change { $0.idle -= 1 }
      return false
    }
    let bytes = Answer.event(event, requestID: event)
    if cut == .withinEventBody {
      account.withLock { $0.waiting.append(event) }
      LoopbackPeer.send(bytes.dropLast(), to: peer, pieceSize: nil)
      return false
    }
    account.withLock { $0.deliveries[event, default: 0] += 1 }
    LoopbackPeer.send(bytes, to: peer, pieceSize: nil)
    return cut == nil
  }

  private func takePost(
    _ head: LoopbackReader.Message, _ peer: Int32, _ reader: inout LoopbackReader, _ cut: Cut?
  ) -> Bool {
    if cut == .withinPost { return false }
    guard let message = reader.readBody(of: head) else { return false }
    let parts = message.line.split(separator: "/")
    let identifier = String(parts[parts.count - 3])
    let isRepeated = account.withLock { account in
      if account.answers[identifier] != nil {
        account.repetitions += 1
        return true
      }
      account.answers[identifier] = message.text
      return false
    }
    let receipt =
      isRepeated ? Answer.plain(status: "400 Bad Request", body: "answered") : Answer.accepted
    defer { continuation.yield() }
    switch cut {
    case .beforeReceipt: return false
    case .withinReceipt:
      LoopbackPeer.send(Array(receipt.dropLast(3)), to: peer, pieceSize: nil)
      return false
    default:
      LoopbackPeer.send(receipt, to: peer, pieceSize: nil)
      return cut == nil
    }
  }

  private func change(_ body: (inout Account) -> Void) {
    account.withLock { body(&$0) }
    continuation.yield()
  }
}
