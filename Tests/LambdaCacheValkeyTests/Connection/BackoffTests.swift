import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheValkey

@Suite("Pauses between attempts to connect")
struct BackoffTests {
  @Test("Pauses are any time up to a limit that doubles, but not beyond the longest")
  func limits() {
    var backoff = Backoff(first: 100, longest: 1000) { $0 }
    let pauses = (0..<40).map { _ in backoff.pauseAfterFailure() }
    #expect(pauses[..<5] == [100, 200, 400, 800, 1000])
    #expect(pauses[5...].allSatisfy { $0 == 1000 })
  }

  @Test("Pauses begin anew after a connection was made")
  func success() {
    var backoff = Backoff(first: 100, longest: 1000) { $0 }
    _ = backoff.pauseAfterFailure()
    _ = backoff.pauseAfterFailure()
    backoff.succeeded()
    #expect(backoff.pauseAfterFailure() == 100)
  }

  @Test("Pauses of environments that fail together are spread over the whole time")
  func spread() {
    let choose = ValkeyOptions().choosePause
    // That a tenth is missed happens once in 10 to the power of 44.
    let tenths = Set((0..<1000).map { _ in min(9, choose(1000) / 100) })
    #expect(tenths.count == 10)
  }
}

@Suite("Clocks of a connection")
struct MomentTests {
  @Test("The time since a reading is that of the clock that shows most")
  func since() {
    let start = Moment(monotonic: 10, boot: 20, wall: 30)
    #expect(Moment(monotonic: 15, boot: 20, wall: 30).since(start) == 5)
    #expect(Moment(monotonic: 10, boot: 27, wall: 20).since(start) == 7)
    #expect(Moment(monotonic: 10, boot: 20, wall: 39).since(start) == 9)
  }

  @Test("A limit is a day at the most, and never negative")
  func limits() {
    #expect(Duration.milliseconds(5).nanoseconds == 5_000_000)
    #expect(Duration.seconds(Int64.max).nanoseconds == 86_400_000_000_000)
    #expect(Duration.milliseconds(-1).nanoseconds == 0)
  }
}

@Suite("Bytes that wait to be sent")
struct OutgoingBytesTests {
  @Test("Bytes are sent once each and in order, whatever is taken of them")
  func order() {
    var random = SplitMix64(seed: FuzzEnvironment.seed &+ 44)
    var outgoing = OutgoingBytes()
    var expected: [UInt8] = []
    var received: [UInt8] = []
    for step in 0..<300 {
      let more = random.bytes(0...5000, of: Array(0...255))
      expected += more
      outgoing.append(more)
      var budget = step == 299 ? Int.max : random.number(0...6000)
      outgoing.send { bytes in
        guard budget > 0 else { return nil }
        let count = min(budget, bytes.count, 1000)
        received += bytes[..<count]
        budget -= count
        return count
      }
    }
    #expect(outgoing.isEmpty)
    #expect(received == expected)
  }
}
