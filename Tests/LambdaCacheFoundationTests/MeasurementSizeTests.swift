#if FullFoundation && canImport(Glibc)
  import AllocationProbe
  import Foundation
  import LambdaCache
  import LambdaCacheFoundation
  import Testing

  @Suite("Sizes of measurements against the allocator's own account")
  struct MeasurementSizeTests {
    @Test("a measurement takes its unit", .enabled(if: AllocatedBytes.isAvailable))
    func units() async {
      await #expect(processExitsWith: .success) {
        for make in [
          { Measurement(value: Double($0), unit: Unit(symbol: "piece \($0) of many things")) },
          { Measurement(value: Double($0), unit: UnitLength.kilometers as Unit) },
        ] as [(Int) -> Measurement<Unit>] {
          let sizes = AllocatedBytes().perValue(count: 500, make) { $0.heapByteCount }
          #expect(
            abs(sizes.stated - sizes.measured) <= max(1, sizes.measured / 20),
            "stated \(sizes.stated), measured \(sizes.measured)")
        }
      }
    }
  }
#endif
