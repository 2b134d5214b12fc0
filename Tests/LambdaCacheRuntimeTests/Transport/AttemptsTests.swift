import LambdaCacheTransport
import Testing

@testable import LambdaCacheRuntime

@Suite("The attempts of an exchange")
struct AttemptsTests {
  private static let delays: [Duration] = [.milliseconds(1), .milliseconds(2)]
  private static let reused = TransportError.closedBeforeAnswer(reason: "", reusedConnection: true)
  private static let fresh = TransportError.closedBeforeAnswer(reason: "", reusedConnection: false)

  @Test(
    "The attempts of an exchange are as many as pauses, and one at once for an idle connection",
    arguments: [
      ([fresh, fresh, fresh], [.milliseconds(1), .milliseconds(2), nil]),
      (
        [.unreachable(""), .unreachable(""), .unreachable("")],
        [.milliseconds(1), .milliseconds(2), nil]
      ),
      ([reused, reused, fresh, fresh], [.zero, .milliseconds(1), .milliseconds(2), nil]),
      (
        [.closedWithinAnswer(reason: ""), fresh, fresh], [.milliseconds(1), .milliseconds(2), nil]
      ),
      ([.timedOut(after: .zero), .timedOut(after: .zero)], [.milliseconds(1), nil]),
      ([.timedOut(after: .zero), fresh, fresh], [.milliseconds(1), .milliseconds(2), nil]),
      ([.malformed(.truncated)], [nil]), ([.stopped], [nil]),
      ([.failed(SystemError(call: "poll", code: 1))], [nil]),
    ] as [([TransportError], [Duration?])])
  func pauses(_ errors: [TransportError], _ expected: [Duration?]) {
    var attempts = Attempts(delays: Self.delays)
    #expect(errors.map { attempts.pause(after: $0) } == expected)
  }

  @Test(
    "The attempts of an exchange record whether one may have arrived",
    arguments: [
      ([], false), ([.unreachable("")], false), ([.unreachable(""), fresh], true), ([reused], true),
      ([.closedWithinAnswer(reason: "")], true), ([.timedOut(after: .zero)], true),
      ([fresh, .unreachable("")], true), ([.malformed(.truncated)], false),
    ] as [([TransportError], Bool)])
  func arrival(_ errors: [TransportError], _ expected: Bool) {
    var attempts = Attempts(delays: Self.delays)
    for error in errors { _ = attempts.pause(after: error) }
    #expect(attempts.mayHaveArrived == expected)
  }

  @Test("The attempts of an exchange on Lambda are eight, over about two seconds")
  func standard() {
    let delays = Timeouts.standard.retryDelays
    #expect(delays.count == 7)
    #expect(zip(delays, delays.dropFirst()).allSatisfy { $0 < $1 })
    #expect(delays.reduce(.zero, +) == .milliseconds(1930))
  }
}
