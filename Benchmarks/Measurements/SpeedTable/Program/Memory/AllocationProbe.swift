import AllocationCounter
import LambdaCache
import Workload

/// Blocks asked of the allocator for each operation, counted by the allocator's own doors.
struct AllocationProbe {
  enum Figure {
    static let integerHit = "integerHit"
    static let textHit = "textHit"
    static let timedHit = "timedHit"
    static let loadingHit = "loadingHit"
    static let evictingInsert = "evictingInsert"
    static let textbookInsert = "textbookInsert"
    static let adaptiveHit = "adaptiveHit"
    static let adaptiveInsert = "adaptiveInsert"
    static let load = "load"
    static let budgetLoad = "budgetLoad"
    static let eightLoads = "eightLoads"
  }

  private var size: Int { 1_000 }
  private var count: Int { 100_000 }

  /// Allocations an operation.
  func figures() async throws -> [String: Double] {
    let integers = Subjects<IntegerWorkbench>(count: size)
    let texts = Subjects<TextWorkbench>(count: size)
    let indices = TestKeys.indices(count: count, below: size, seed: 5)
    let probes = Probes(indices.map(TestKeys.integer))
    let textProbes = Probes(indices.map { TestKeys.copy(TestKeys.text($0)) })
    let fresh = (0..<count).map { TestKeys.integer(size + $0) }
    return [
      Figure.integerHit: allocations {
        IntegerWorkbench.hits(&integers.unique, probes)
          &+ IntegerWorkbench.hits(&integers.shared, probes)
      },
      Figure.textHit: allocations {
        TextWorkbench.hits(&texts.unique, textProbes)
          &+ TextWorkbench.hits(&texts.shared, textProbes)
      },
      Figure.loadingHit: try await AsyncMeasurement.allocations(count: count),
      Figure.load: try await LoadMeasurement.allocations(.plain),
      Figure.budgetLoad: try await LoadMeasurement.allocations(.budget),
      Figure.eightLoads: try await LoadMeasurement.allocationsOfEight(),
      Figure.timedHit: allocations { IntegerWorkbench.hits(&integers.timed, probes) },
      Figure.adaptiveHit: allocations { IntegerWorkbench.hits(&integers.adaptive, probes) },
      Figure.adaptiveInsert: insertionsOfAdaptive(),
      Figure.evictingInsert: allocations {
        IntegerWorkbench.insertions(&integers.unique, fresh)
          &+ IntegerWorkbench.insertions(&integers.shared, fresh)
      },
      // A known allocation must be counted, or the counter counts nothing.
      Figure.textbookInsert: allocations {
        IntegerWorkbench.insertions(&integers.textbook, fresh)
      },
    ]
  }

  /// In steady state: ghost and shadows are made when the cache is full for the first time.
  private func insertionsOfAdaptive() -> Double {
    let subjects = Subjects<IntegerWorkbench>(count: size)
    let first = (0..<count).map { TestKeys.integer(size + $0) }
    let second = (0..<count).map { TestKeys.integer(size + count + $0) }
    _ = IntegerWorkbench.insertions(&subjects.adaptive, first)
    return allocations { IntegerWorkbench.insertions(&subjects.adaptive, second) }
  }

  private func allocations(_ body: () -> Int) -> Double {
    let start = allocation_count()
    let sum = body()
    let end = allocation_count()
    precondition(sum > 0, "nothing was done")
    return Double(end - start) / Double(count)
  }
}
