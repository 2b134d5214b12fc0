import TestSupport
import Testing

/// A stack that forgets everything when a seventh element is pushed, in spite of its model.
private final class ForgetfulStack: FuzzSubject {
  enum Operation {
    case push(Int)
    case pop
    case look
  }

  static func configuration(using random: inout SplitMix64) -> Int { 7 }

  static func operation(in configuration: Int, using random: inout SplitMix64) -> Operation {
    switch random.number(0...9) {
    case 0...3: .push(random.number(0...9))
    case 4: .pop
    default: .look
    }
  }

  private let capacity: Int
  private var stack: [Int] = []
  private var model: [Int] = []
  private(set) var coverage: [String: Int] = [:]

  init(_ configuration: Int) {
    capacity = configuration
  }

  func perform(_ operation: Operation) -> [String] {
    coverage["operations", default: 0] += 1
    switch operation {
    case .push(let element):
      stack.append(element)
      model.append(element)
      if stack.count == capacity { stack = [] }
    case .pop:
      _ = stack.popLast()
      _ = model.popLast()
    case .look: break
    }
    return stack == model ? [] : ["\(stack) is not \(model)"]
  }
}

@Suite("The fuzz runner")
struct FuzzTests {
  @Test("A planted fault is found and shrunk to the shortest history that shows it")
  func findsPlantedFault() throws {
    var coverage: [String: Int] = [:]
    let failure = try #require(
      Fuzz.failure(of: ForgetfulStack.self, seed: 1, steps: 2_000, coverage: &coverage))
    #expect(failure.shortest.count == 7)
    let text = failure.description
    #expect(text.contains("seed 1, step \(failure.step)"))
    #expect(text.contains("LAMBDA_CACHE_FUZZ_SEED=1"))
    #expect(text.contains("7. push("))
  }

  @Test("A history without a fault is not a failure, and what it covered is counted")
  func countsCoverage() {
    var coverage: [String: Int] = [:]
    let failure = Fuzz.failure(of: ForgetfulStack.self, seed: 1, steps: 5, coverage: &coverage)
    #expect(failure == nil)
    #expect(coverage == ["operations": 5])
  }

  @Test("The same seed of the generator gives the same numbers")
  func isSeeded() {
    var first = SplitMix64(seed: 5)
    var second = SplitMix64(seed: 5)
    var other = SplitMix64(seed: 6)
    let numbers = (0..<8).map { _ in first.next() }
    #expect(numbers == (0..<8).map { _ in second.next() })
    #expect(numbers != (0..<8).map { _ in other.next() })
  }

  @Test("The lifetime tracker counts what is alive")
  func countsLiveInstances() {
    let tracker = LifetimeTracker()
    var instances = (0..<3).map(tracker.instance)
    #expect(tracker.liveCount == 3)
    #expect(instances.map(\.payload) == [0, 1, 2])
    instances.removeLast()
    #expect(tracker.liveCount == 2)
    instances = []
    #expect(tracker.liveCount == 0)
    #expect(tracker.doublyDestroyedCount == 0)
  }
}
